import ContactsV1
import GRPC
import ServiceRuntime

extension ContactsService {
    func listIdentities(
        _ request: ListIdentitiesRequest, _ context: ServerContext
    ) async throws -> ListIdentitiesResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        try reading.finish()
        let limit = try pageSize(request.pageSize, default: 100, max: ChannelIdentity.perContactMax)
        let arguments = ["ListIdentities", request.contactID]
        let last = try pageTokens.keys(of: request.pageToken, count: 1, arguments: arguments)?.first

        let contact = try await self.reading(context) { store in try await store.contact(id) }
        guard let contact else { throw ContactsError.contactNotFound(id) }
        // A contact's addresses are few: they are read whole and cut here.
        let rest = contact.identities.filter { identity in last.map { identity.id.description > $0 } ?? true }
        let page = rest.prefix(limit)
        var response = ListIdentitiesResponse(identities: page.map(\.wire))
        if rest.count > limit, let end = page.last {
            response.nextPageToken = pageTokens.token(after: [end.id.description], arguments: arguments)
        }
        return response
    }

    func addIdentity(_ request: AddIdentityRequest, _ context: ServerContext) async throws -> AddIdentityResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let candidate = reading.identity(request.identity, "identity", source: .agent)
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            var contact = try await changes.activeContact(id, version: version)
            if let present = contact.identities.first(where: { $0.address == candidate.address }) {
                return AddIdentityResponse(identity: present.wire)
            }
            if let holder = try await changes.add([candidate], to: &contact).first {
                throw ContactsError.identityTaken(by: holder)
            }
            let added = contact.identities[contact.identities.count - 1]
            try await changes.noteIdentityChange(added.id, of: &contact)
            return AddIdentityResponse(identity: added.wire)
        }
    }

    func removeIdentity(
        _ request: RemoveIdentityRequest, _ context: ServerContext
    ) async throws -> RemoveIdentityResponse {
        var reading = RequestReading()
        let id: ContactID = reading.id(request.contactID, "contact_id")
        let identityID: IdentityID = reading.id(request.identityID, "identity_id")
        try reading.finish()
        let version = try ETag.expectedVersion(request.etag)

        return try await changing(request, requestID: \.requestID, context) { changes in
            var contact = try await changes.activeContact(id, version: version)
            guard let index = contact.identities.firstIndex(where: { $0.id == identityID }) else {
                throw ContactsError.identityNotFound
            }
            try await changes.store.delete(contact.identities.remove(at: index))
            try await changes.noteIdentityChange(identityID, of: &contact)
            return RemoveIdentityResponse()
        }
    }
}
