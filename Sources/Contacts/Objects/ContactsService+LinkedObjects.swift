import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

// Deals, companies and tasks of a contact (S43, S44).
extension ContactsService {
    func createLinkedObject(
        _ request: CreateLinkedObjectRequest, _ context: ServerContext
    ) async throws -> CreateLinkedObjectResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let draft = reading.linkedObject(request.linkedObject, "linked_object")
        try reading.finish()

        return try await changing(request, requestID: \.requestID, context) { changes in
            var contact = try await changes.activeContact(id, version: nil)
            let object = LinkedObject(
                id: LinkedObjectID(.v7(at: changes.now)), contactID: id, kind: draft.kind, fields: draft.fields,
                conversationID: draft.conversationID, createdBy: changes.actor, createTime: changes.now,
                updateTime: changes.now)
            try await changes.store.insert(object)
            try await changes.note(.linkedObjectChanged(object.id, .attached), nil, of: &contact)
            return CreateLinkedObjectResponse(linkedObject: object.wire)
        }
    }

    func listLinkedObjects(
        _ request: ListLinkedObjectsRequest, _ context: ServerContext
    ) async throws -> ListLinkedObjectsResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let kinds = reading.linkedObjectKinds(request.kinds, "kinds")
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let arguments = ["ListLinkedObjects", request.contactID] + kinds.map(\.rawValue)
        let place = try pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
            .map { (keys) throws(Failure) in try LinkedObjectPlace(keys: keys) }

        let found = try await self.reading(context) { store in
            guard try await store.contact(id) != nil else { throw ContactsError.contactNotFound(id) }
            return try await store.linkedObjects(of: store.family(of: id), kinds: kinds, after: place, limit: limit + 1)
        }
        let page = found.prefix(limit)
        var response = ListLinkedObjectsResponse(linkedObjects: page.map(\.wire))
        if found.count > limit, let last = page.last {
            response.nextPageToken = pageTokens.token(after: last.place.keys, arguments: arguments)
        }
        return response
    }

    func updateLinkedObject(
        _ request: UpdateLinkedObjectRequest, _ context: ServerContext
    ) async throws -> UpdateLinkedObjectResponse {
        let values = request.linkedObject ?? ContactsV1.LinkedObject()
        var reading = RequestReading()
        reading.require(request.linkedObject != nil, "linked_object", "is required")
        let id: LinkedObjectID = reading.id(values.linkedObjectID, "linked_object.linked_object_id")
        let fields = reading.linkedObjectFields(values, "linked_object")
        // It cannot be changed; what is no id is refused all the same.
        _ = reading.optionalID(values.conversationID, "linked_object.conversation_id") as UUID?
        try reading.finish()
        let mask = try UpdateMask(
            request.updateMask, writable: LinkedObject.Fields.paths,
            outputOnly: LinkedObject.outputOnlyPaths, populated: fields.populated)
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let object = try await changes.lockedLinkedObject(id, version: version)
            var changed = object
            changed.fields = object.fields.applying(fields, mask)
            guard changed != object else { return UpdateLinkedObjectResponse(linkedObject: object.wire) }
            let violations = changed.fields.violations(of: object.kind)
            guard violations.isEmpty else { throw ContactsError.invalid(violations.map { $0.inside("linked_object") }) }
            changed.updateTime = changes.now
            changed.version += 1
            try await changes.store.update(changed)
            try await changes.note(.changed, object)
            return UpdateLinkedObjectResponse(linkedObject: changed.wire)
        }
    }

    func deleteLinkedObject(
        _ request: DeleteLinkedObjectRequest, _ context: ServerContext
    ) async throws -> DeleteLinkedObjectResponse {
        var reading = RequestReading()
        let id: LinkedObjectID = reading.id(request.linkedObjectID, "linked_object_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let object = try await changes.lockedLinkedObject(id, version: version)
            try await changes.store.delete(id)
            try await changes.note(.detached, object)
            return DeleteLinkedObjectResponse()
        }
    }
}

extension ContactChanges {
    fileprivate func lockedLinkedObject(_ id: LinkedObjectID, version: Int64?) async throws -> LinkedObject {
        guard let object = try await store.lockedLinkedObject(id) else { throw ContactsError.linkedObjectNotFound(id) }
        guard version == nil || version == object.version else { throw ContactsError.versionMismatch }
        return object
    }

    fileprivate func note(_ action: TimelineEntry.Action, _ object: LinkedObject) async throws {
        guard var contact = try await store.contact(object.contactID) else { return }
        try await note(.linkedObjectChanged(object.id, action), nil, of: &contact)
    }
}

extension LinkedObject {
    fileprivate var place: LinkedObjectPlace { LinkedObjectPlace(createTime: createTime, id: id) }
}

extension LinkedObjectPlace {
    fileprivate var keys: [String] { ["\(createTime.microseconds)", id.description] }

    fileprivate init(keys: [String]) throws(Failure) {
        guard let microseconds = Int64(keys[0]), let id = LinkedObjectID(keys[1]) else { throw .pageTokenInvalid }
        self.init(createTime: Instant(microseconds: microseconds), id: id)
    }
}
