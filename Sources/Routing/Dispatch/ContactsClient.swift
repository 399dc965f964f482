import ContactsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// What this service asks of contacts: who owns whom (C9).
struct ContactsClient: Sendable {
    private let client: ContactsServiceClient
    /// Contacts in one question at most.
    private static let contactsMax = 200

    init(_ channel: Channel) {
        client = ContactsServiceClient(channel)
    }

    func owners(
        of contacts: [Identifier<ContactSubject>], tenantID: UUID
    ) async throws -> [Identifier<ContactSubject>: AgentID] {
        var owners: [Identifier<ContactSubject>: AgentID] = [:]
        for start in stride(from: 0, to: contacts.count, by: Self.contactsMax) {
            let asked = contacts[start..<min(start + Self.contactsMax, contacts.count)].map(\.description)
            let found = try await OutgoingIdentity.asService(for: tenantID) {
                try await client.batchGetContacts(BatchGetContactsRequest(contactIDs: asked)).contacts
            }
            for contact in found {
                guard let id = Identifier<ContactSubject>(contact.contactID) else { continue }
                owners[id] = AgentID(contact.ownerID)
            }
        }
        return owners
    }
}
