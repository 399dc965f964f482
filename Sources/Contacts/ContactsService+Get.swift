import ContactsV1
import GRPC

extension ContactsService {
    func getContact(_ request: GetContactRequest, _ context: ServerContext) async throws -> GetContactResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        try reading.finish()

        return try await self.reading(context) { store in
            guard let contact = try await store.contact(id) else { throw ContactsError.contactNotFound(id) }
            return GetContactResponse(contact: try await shown(contact, store, context).wire)
        }
    }

    func batchGetContacts(
        _ request: BatchGetContactsRequest, _ context: ServerContext
    ) async throws -> BatchGetContactsResponse {
        var reading = RequestReading()
        reading.require(
            (1...Self.batchCountMax).contains(request.contactIDs.count), "contact_ids", "must be 1 to \(Self.batchCountMax)")
        let ids: [ContactID] = request.contactIDs.prefix(Self.batchCountMax).enumerated().map { index, id in
            reading.id(id, "contact_ids[\(index)]")
        }
        try reading.finish()

        let found = try await self.reading(context) { store in
            try await shown(try await store.contacts(ids), store, context)
        }
        let contacts = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        var answered: Set<ContactID> = []
        return BatchGetContactsResponse(
            contacts: ids.filter { answered.insert($0).inserted }.compactMap { contacts[$0]?.wire })
    }

    static let batchCountMax = 200
}
