import ContactsV1
import GRPC
import ServiceRuntime

/// Attributes and field layouts as data (S44).
struct ContactFieldsService: ContactFieldsServiceProtocol, Handlers {
    let surroundings: Surroundings
}

extension ContactFieldsService {
    func createAttributeDefinition(
        _ request: CreateAttributeDefinitionRequest, _ context: ServerContext
    ) async throws -> CreateAttributeDefinitionResponse {
        var reading = RequestReading()
        let definition = reading.definition(request.attributeDefinition, "attribute_definition", at: clock.now)
        try reading.finish()

        return try await changing(request, requestID: \.requestID, context) { changes in
            try await changes.store.lockDefinitions()
            let known = try await changes.store.definitions()
            guard !known.contains(where: { $0.key == definition.key }) else {
                throw ContactsError.attributeExists(definition.key)
            }
            guard known.count < AttributeDefinition.perTenantMax else { throw ContactsError.attributesMax }
            try await changes.store.insert(definition)
            changes.audit(definition.key)
            return CreateAttributeDefinitionResponse(attributeDefinition: definition.wire)
        }
    }

    func listAttributeDefinitions(
        _ request: ListAttributeDefinitionsRequest, _ context: ServerContext
    ) async throws -> ListAttributeDefinitionsResponse {
        let limit = try pageSize(
            request.pageSize, default: AttributeDefinition.perTenantMax, max: AttributeDefinition.perTenantMax)
        let arguments = ["ListAttributeDefinitions", try context.tenantID.text, "\(request.showArchived)"]
        let last = try pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)?[0]

        let found = try await reading(context) { store in
            try await store.definitions(after: last ?? "", archived: request.showArchived, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListAttributeDefinitionsResponse(attributeDefinitions: page.map(\.wire))
        if found.count > limit, let end = page.last {
            response.nextPageToken = pageTokens.token(after: [end.key], arguments: arguments)
        }
        return response
    }

    func updateAttributeDefinition(
        _ request: UpdateAttributeDefinitionRequest, _ context: ServerContext
    ) async throws -> UpdateAttributeDefinitionResponse {
        let values = request.attributeDefinition ?? ContactsV1.AttributeDefinition()
        var reading = RequestReading()
        reading.require(request.attributeDefinition != nil, "attribute_definition", "is required")
        reading.require(
            AttributeValue.isKey(values.key), "attribute_definition.key", "must be of the form [a-z][a-z0-9_]{0,62}")
        reading.changes(values, "attribute_definition", at: clock.now)
        try reading.finish()
        let mask = try UpdateMask(
            request.updateMask, writable: ["display_name", "description", "options", "sensitive", "archived"],
            outputOnly: ["key", "type", "create_time", "update_time", "etag"], populated: values.populated)
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            guard let definition = try await changes.store.lockedDefinition(values.key) else {
                throw ContactsError.attributeNotFound
            }
            guard version == nil || version == definition.version else { throw ContactsError.versionMismatch }
            var changed = definition.applying(values, mask)
            guard changed != definition else { return UpdateAttributeDefinitionResponse(attributeDefinition: definition.wire) }
            guard changed.violations.isEmpty else {
                throw ContactsError.invalid(changed.violations.map { $0.inside("attribute_definition") })
            }
            changed.updateTime = changes.now
            changed.version += 1
            try await changes.store.update(changed)
            changes.audit(changed.key, paths: mask.paths.sorted())
            return UpdateAttributeDefinitionResponse(attributeDefinition: changed.wire)
        }
    }

    func getFieldLayout(_ request: GetFieldLayoutRequest, _ context: ServerContext) async throws -> GetFieldLayoutResponse {
        var reading = RequestReading()
        let place = reading.place(request.fieldLayoutID, "field_layout_id")
        try reading.finish()

        return GetFieldLayoutResponse(
            fieldLayout: try await self.reading(context) { store in try await store.layoutInForce(at: place) }.wire)
    }

    func updateFieldLayout(
        _ request: UpdateFieldLayoutRequest, _ context: ServerContext
    ) async throws -> UpdateFieldLayoutResponse {
        var reading = RequestReading()
        reading.require(request.fieldLayout != nil, "field_layout", "is required")
        let place = reading.place(request.fieldLayout?.fieldLayoutID ?? "", "field_layout.field_layout_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let stored = try await changes.store.layout(place)?.version ?? 0
            guard version == nil || version == stored else { throw ContactsError.versionMismatch }
            let layout = FieldLayout(
                place: place, groups: (request.fieldLayout?.groups ?? []).map(FieldLayout.Group.init), updateTime: changes.now,
                version: stored + 1)
            let violations = layout.violations(try await changes.store.schema())
            guard violations.isEmpty else { throw ContactsError.invalid(violations.map { $0.inside("field_layout") }) }
            // Somebody else may have been faster since the version was read.
            guard try await changes.store.replace(layout, version: stored) else { throw ContactsError.versionMismatch }
            changes.audit(place.text, paths: ["groups"])
            return UpdateFieldLayoutResponse(fieldLayout: layout.wire)
        }
    }
}

extension ContactStore {
    /// A place's own layout, else the default one, else the one that shows everything.
    func layoutInForce(at place: FieldLayout.Place) async throws -> FieldLayout {
        if let own = try await layout(place) { return own }
        if place != .standard, let standard = try await layout(.standard) { return standard }
        return .standard(.standard, attributes: try await definitions())
    }
}

extension RequestReading {
    mutating func place(_ text: String, _ field: String) -> FieldLayout.Place {
        guard let place = FieldLayout.Place(text) else {
            note(field, text.isEmpty ? "is required" : "must be \"default\" or the id of a department")
            return .standard
        }
        return place
    }
}
