import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceDatabase
import ServiceRuntime

/// Follows conversations' events and writes the lines of timelines. A line and the place in the stream are committed
/// together, so that each event is told once whatever breaks in between (S46).
struct TimelineConsumer: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ConversationEvent>, any Error>

    let pool: PostgresPool
    let logger: Logger
    /// Conversations' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ConversationEvent> {
        EventConsumer(
            name: "conversations.timeline", schema: ContactsModule.name, pool: pool, logger: logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of conversations all is read again: a line that is there already is not written twice.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    private func apply(_ event: ConversationEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID), let entry = TimelineEntry(event) else { return }
        try await TraceContext.continuing(event.traceparent) {
            try await ContactStore(transaction: transaction, tenantID: tenantID).append(entry)
            logger.debug("a timeline has a new line", metadata: ["event": "\(event.eventID)"])
        }
    }
}

extension TimelineConsumer {
    /// Reads conversations' Watch in the service's own name, across tenants.
    init(conversations: Channel, pool: PostgresPool, logger: Logger) {
        let client = ConversationsServiceClient(conversations)
        self.init(pool: pool, logger: logger) { cursor in
            let request = ConversationsV1.WatchRequest(
                afterCursor: cursor ?? "", filter: WatchFilter(kinds: TimelineEntry.conversationKinds))
            return await OutgoingIdentity.asService(for: nil) { WatchedItems(client.watch(request), .conversations) }
        }
    }
}

extension TimelineConsumer {
    /// The place behind the last event of conversations.
    static func head(of conversations: Channel) async throws -> String {
        try await WatchedItems(ConversationsServiceClient(conversations).watch(.init(liveOnly: true)), .conversations).head()
    }
}

extension WatchForm<ConversationsV1.WatchResponse, ConversationEvent> {
    static var conversations: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
