import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Testing

@testable import Contacts

@Suite("The events of contacts")
struct WatchTests {
    @Test("9: each change is one event, in order, with ids and paths and no values")
    func G9_changesAreEvents() async throws {
        try await withContacts { contacts in
            let ana = try await contacts.create(.init(displayName: "Ana"))
            _ = try await contacts.update(.init(contactID: ana.contactID, displayName: "Bia", note: "n"))
            let methods = ContactsServiceDescriptor.self
            let added = try await contacts.service.addIdentity(
                .init(contactID: ana.contactID, identity: .email("bia@example.com")), contacts.call(methods.addIdentity))
            _ = try await contacts.service.removeIdentity(
                .init(contactID: ana.contactID, identityID: try #require(added.identity?.identityID)),
                contacts.call(methods.removeIdentity))
            _ = await refusal { _ = try await contacts.update(.init(contactID: ana.contactID, note: "x"), etag: "\"1\"") }

            var seen: [Contacts.ContactEvent] = []
            for try await batch in contacts.service.eventLog.batches() {
                for event in batch.events {
                    #expect(event.tenantID == contacts.tenantID)
                    #expect(ContactID(event.subjectID).description == ana.contactID)
                    let values = event.attributes.values.joined() + String(decoding: event.payload, as: UTF8.self)
                    #expect(!values.contains("Bia") && !values.contains("@"))
                    if let known = Contacts.ContactEvent(event) { seen.append(known) }
                }
                if batch.isLive { break }
            }
            #expect(seen == [.created, .updated(paths: ["display_name", "note"]), .identitiesChanged, .identitiesChanged])
        }
    }
}
