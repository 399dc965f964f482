import ContactsV1
import GRPC
import ServiceRuntime

extension ContactsService {
    func updateContact(_ request: UpdateContactRequest, _ context: ServerContext) async throws -> UpdateContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contact?.contactID ?? "", "contact.contact_id")
        let values = reading.fields(request.contact, "contact")
        try reading.finish()
        let change = try ContactChange(reading: values, mask: request.updateMask?.paths ?? [])
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            let contact = try await changes.activeContact(id, version: version)
            let fields = change.applied(to: contact.fields)
            // What is stored already counts as well: a hundred attributes are the limit, whoever brought them.
            guard fields.violations.isEmpty else {
                throw ContactsError.invalid(fields.violations.map { $0.inside("contact") })
            }
            return UpdateContactResponse(contact: try await changes.update(contact, to: fields).wire)
        }
    }
}

extension ContactChange {
    fileprivate init(reading values: ContactFields, mask: [String]) throws(ContactsError) {
        do {
            try self.init(values: values, mask: mask)
        } catch {
            throw .unknownUpdatePaths(error.paths)
        }
    }
}
