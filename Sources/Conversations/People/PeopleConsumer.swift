import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceDatabase
import ServiceRuntime

/// Follows contacts' events: a conversation goes with its address when contacts are merged or unmerged (C36), people are found by
/// the names and addresses they have now (C62), and an erased person's words go for good (guarantee 20). What is done here and the
/// place in the stream are committed together.
struct PeopleConsumer: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ContactEvent>, any Error>

    static let kinds: [ContactEventKind] = [.created, .updated, .identitiesChanged, .merged, .unmerged, .erased]

    let surroundings: Surroundings
    /// Contacts' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ContactEvent> {
        EventConsumer(
            name: "contacts.people", schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of contacts all is read again: each event finds done what it asks for.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    func apply(_ event: ContactEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID), let contactID = UUID(id: event.contactID) else { return }
        let work = try await surroundings.systemWork(of: tenantID, transaction)
        try await TraceContext.continuing(event.traceparent) {
            if let contact = event.contact { try await work.store.remember(Person(contact), contactID) }
            switch event.kind {
            case .merged:
                guard let survivor = UUID(id: event.survivingContactID) else { return }
                try await work.store.giveConversations(of: contactID, to: survivor)
            case .unmerged:
                guard let survivor = UUID(id: event.survivingContactID), let contact = event.contact else { return }
                try await work.store.giveConversations(of: survivor, at: contact.identities, to: contactID)
            case .erased:
                let people = event.erasedContactIDs.compactMap { UUID(id: $0) }
                try await work.erase(people.isEmpty ? [contactID] : people, erasureID: event.erasureID)
            case .created, .updated, .identitiesChanged, .blockChanged, .unspecified, .unrecognized: break
            }
        }
    }
}

// MARK: - Contacts' stream

extension PeopleConsumer {
    /// Reads contacts' Watch in the service's own name, across tenants.
    init(contacts: Channel, surroundings: Surroundings) {
        let client = ContactsServiceClient(contacts)
        self.init(surroundings: surroundings) { cursor in
            let request = ContactsV1.WatchRequest(afterCursor: cursor ?? "", kinds: Self.kinds)
            return await OutgoingIdentity.asService(for: nil) { WatchedItems(client.watch(request), .contacts) }
        }
    }

    /// The place behind the last event of contacts.
    static func head(of contacts: Channel) async throws -> String {
        try await WatchedItems(ContactsServiceClient(contacts).watch(.init(liveOnly: true)), .contacts).head()
    }
}

extension WatchForm<ContactsV1.WatchResponse, ContactEvent> {
    static var contacts: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
