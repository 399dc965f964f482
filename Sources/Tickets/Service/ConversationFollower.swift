import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceDatabase
import ServiceRuntime

/// Follows conversations' events and gives each conversation its ticket when it starts being served (C24). The ticket, its clocks, the
/// job that tells the conversation and the place in the stream are committed together: whatever breaks in between, there is one.
struct ConversationFollower: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ConversationEvent>, any Error>

    let surroundings: Surroundings
    /// Conversations' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ConversationEvent> {
        EventConsumer(
            name: "conversations.tickets", schema: Surroundings.schema, pool: surroundings.pool,
            logger: surroundings.logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of conversations all is read again: what a ticket has heard already is passed over.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    private func apply(_ event: ConversationEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID), let news = ConversationNews(event) else {
            return
        }
        try await TraceContext.continuing(event.traceparent) {
            try await surroundings.ownWork(tenantID, transaction, as: news.actor).hear(news)
        }
    }
}

extension ConversationFollower {
    /// Reads conversations' Watch in the service's own name, across tenants.
    init(_ surroundings: Surroundings, conversations: GRPC.Channel) {
        let client = ConversationsServiceClient(conversations)
        self.init(surroundings: surroundings) { cursor in
            let request = ConversationsV1.WatchRequest(
                afterCursor: cursor ?? "", filter: WatchFilter(kinds: ConversationNews.kinds))
            return await OutgoingIdentity.asService(for: nil) { WatchedItems(client.watch(request), .conversations) }
        }
    }

    /// The place behind the last event of conversations.
    static func head(of conversations: GRPC.Channel) async throws -> String {
        try await WatchedItems(ConversationsServiceClient(conversations).watch(.init(liveOnly: true)), .conversations).head()
    }
}

extension WatchForm<ConversationsV1.WatchResponse, ConversationEvent> {
    static var conversations: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
