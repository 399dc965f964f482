import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceDatabase
import ServiceRuntime

/// Follows conversations' events and keeps the projection. Row, reasons and the place in the stream are committed together.
struct ConversationConsumer: Sendable {
    /// Whatever changes a conversation's row, a message's delivery and a read mark included: commands name the version they are
    /// meant for, and whoever does not hear of a new one commands in vain.
    static let kinds: [ConversationEventKind] = [
        .created, .messageAdded, .messageStatus, .queued, .offered, .accepted, .pending, .resumed, .transferred, .expired,
        .closed,
        .read, .updated, .blocked,
    ]

    let surroundings: Surroundings
    let conversations: Channel

    var consumer: EventConsumer<ConversationEvent> {
        EventConsumer(
            name: "conversations.queue", schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger,
            source: { [conversations] _, cursor in
                let request = ConversationsV1.WatchRequest(afterCursor: cursor ?? "", filter: WatchFilter(kinds: Self.kinds))
                let client = ConversationsServiceClient(conversations)
                return await OutgoingIdentity.asService(for: nil) { WatchedItems(client.watch(request), .conversations) }
            },
            // After a restore of conversations all is read again; an older row never replaces a newer one.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    private func apply(_ event: ConversationEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID) else { return }
        try await TraceContext.continuing(event.traceparent) {
            let store = RoutingStore(transaction: transaction, tenantID: tenantID)
            try await Projection(store: store, surroundings: surroundings).apply(event)
        }
    }

    /// The place behind the last event of conversations.
    static func head(of conversations: Channel) async throws -> String {
        try await WatchedItems(ConversationsServiceClient(conversations).watch(.init(liveOnly: true)), .conversations).head()
    }
}

extension WatchForm<ConversationsV1.WatchResponse, ConversationEvent> {
    static var conversations: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
