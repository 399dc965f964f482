import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceDatabase
import ServiceRuntime

/// Follows contacts' events for erasures: what the tickets of an erased person say goes for good (guarantee 20). What is done
/// here, the job that reports it and the place in the stream are committed together.
struct ErasureFollower: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ContactEvent>, any Error>

    let surroundings: Surroundings
    /// Contacts' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ContactEvent> {
        EventConsumer(
            name: "contacts.tickets", schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of contacts all is read again: what is erased is erased.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    func apply(_ event: ContactEvent, _ transaction: Transaction) async throws {
        guard event.kind == .erased, let tenantID = UUID(id: event.tenantID) else { return }
        let people = event.erasedContactIDs.isEmpty ? [event.contactID] : event.erasedContactIDs
        try await TraceContext.continuing(event.traceparent) {
            try await surroundings.ownWork(tenantID, transaction).erase(
                people.compactMap { UUID(id: $0) }, erasureID: event.erasureID)
        }
    }
}

extension ErasureFollower {
    /// Reads contacts' Watch in the service's own name, across tenants.
    init(_ surroundings: Surroundings, contacts: GRPC.Channel) {
        let client = ContactsServiceClient(contacts)
        self.init(surroundings: surroundings) { cursor in
            let request = ContactsV1.WatchRequest(afterCursor: cursor ?? "", kinds: [.erased])
            return await OutgoingIdentity.asService(for: nil) { WatchedItems(client.watch(request), .contacts) }
        }
    }

    /// The place behind the last event of contacts.
    static func head(of contacts: GRPC.Channel) async throws -> String {
        try await WatchedItems(ContactsServiceClient(contacts).watch(.init(liveOnly: true)), .contacts).head()
    }
}

extension WatchForm<ContactsV1.WatchResponse, ContactEvent> {
    static var contacts: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
