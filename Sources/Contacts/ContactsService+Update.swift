import ContactsV1
import GRPC
import ServiceRuntime

extension ContactsService {
    func updateContact(_ request: UpdateContactRequest, _ context: ServerContext) async throws -> UpdateContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contact?.contactID ?? "", "contact.contact_id")
        let values = reading.fields(request.contact, "contact")
        let place = request.fieldLayoutID.isEmpty ? nil : reading.place(request.fieldLayoutID, "field_layout_id")
        try reading.finish()
        let change = try ContactChange(reading: values, mask: request.updateMask?.paths ?? [])
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let contact = try await changes.activeContact(id, version: version)
            var fields = change.applied(to: contact.fields)
            // Whoever replaces all attributes without seeing all leaves alone what he does not see.
            for key in try await hiddenKeys(changes.store, context) where !change.names(key) {
                fields.attributes[key] = contact.fields.attributes[key]
            }
            // What is stored already counts as well: a hundred attributes are the limit, whoever brought them.
            guard fields.violations.isEmpty else {
                throw ContactsError.invalid(fields.violations.map { $0.inside("contact") })
            }
            try await changes.checkAttributes(of: fields, insteadOf: contact.fields, "contact")
            if let place { try await changes.check(fields, insteadOf: contact.fields, editedAt: place) }
            let updated = try await changes.update(contact, to: fields)
            return UpdateContactResponse(contact: try await shown(updated, changes.store, context).wire)
        }
    }
}

extension ContactChanges {
    /// Holds attributes that change to the tenant's definitions of them.
    /// - Parameter field: where the fields stand in the request.
    func checkAttributes(of fields: ContactFields, insteadOf old: ContactFields = ContactFields(), _ field: String) async throws {
        guard fields.attributes != old.attributes else { return }
        let violations = try await store.schema().violations(of: fields, insteadOf: old)
        guard violations.isEmpty else { throw ContactsError.invalid(violations.map { $0.inside(field) }) }
    }

    /// Holds an edit to the layout in which it was made (S44).
    fileprivate func check(_ fields: ContactFields, insteadOf old: ContactFields, editedAt place: FieldLayout.Place) async throws
    {
        let layout = try await store.layoutInForce(at: place)
        let paths = ContactChange.changedPaths(from: old, to: fields)
        if let path = layout.firstNotEditable(of: paths) { throw ContactsError.fieldNotEditable(path) }
        let missing = layout.missing(in: fields)
        guard missing.isEmpty else { throw ContactsError.invalid(missing.map { $0.inside("contact") }) }
    }
}

extension ContactChange {
    /// Whether the change itself says what becomes of an attribute.
    fileprivate func names(_ key: String) -> Bool {
        paths.contains(.attribute(key)) || (paths.contains(.attributes) && values.attributes[key] != nil)
    }

    fileprivate init(reading values: ContactFields, mask: [String]) throws(ContactsError) {
        do {
            try self.init(values: values, mask: mask)
        } catch {
            throw .unknownUpdatePaths(error.paths)
        }
    }
}
