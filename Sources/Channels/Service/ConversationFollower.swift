import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Follows conversations' events: each message of ours that goes to a provider is queued, and each event is put before the
/// webhooks that want it. Rows, jobs and the place in the stream are committed together: whatever breaks in between, there is
/// one of each.
struct ConversationFollower: Sendable {
    typealias Items = any AsyncSequence<ConsumedItem<ConversationEvent>, any Error>

    let surroundings: Surroundings
    /// Conversations' events after a cursor (`nil`: from the beginning of what is kept).
    let events: @Sendable (String?) async throws -> Items

    var consumer: EventConsumer<ConversationEvent> {
        EventConsumer(
            name: "conversations.channels", schema: Surroundings.schema, pool: surroundings.tenants.pool,
            logger: surroundings.logger,
            source: { _, cursor in try await events(cursor) },
            // After a restore of conversations all is read again: what was queued before is passed over.
            outOfRange: { nil },
            apply: apply)
    }

    /// Part of the trace of the request that caused the event.
    private func apply(_ event: ConversationEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID) else { return }
        try await TraceContext.continuing(event.traceparent) {
            try await forgetErased(event, tenantID, transaction)
            try await queueMessage(of: event, tenantID, transaction)
            if let news = WebhookEvent(event) { try await surroundings.tell(news, tenantID, transaction) }
        }
    }

    private func queueMessage(of event: ConversationEvent, _ tenantID: UUID, _ transaction: Transaction) async throws {
        guard var delivery = OutboundDelivery(event, at: surroundings.clock.now) else { return }
        let store = OutboundStore(transaction: transaction, tenantID: tenantID)
        if let contactID = delivery.contactID { delivery.isErased = try await store.erased.contains(contactID) }
        guard try await store.insert(delivery) else { return }
        surroundings.jobs.enqueue([OutboundWorker.job(delivery, tenantID)], in: transaction)
    }

    /// Conversations tells of each conversation that it has erased. The contact it has by then may be another than when its
    /// messages went out, where a merge was undone.
    private func forgetErased(_ event: ConversationEvent, _ tenantID: UUID, _ transaction: Transaction) async throws {
        guard event.kind == .closed || event.kind == .updated, let id = UUID(id: event.conversationID),
            let contactID = UUID(id: event.conversation?.contactID ?? "")
        else { return }
        let store = OutboundStore(transaction: transaction, tenantID: tenantID)
        guard try await store.erased.contains(contactID) else { return }
        _ = try await store.emptyAnswers(about: store.forget(messagesIn: id))
    }
}

extension OutboundDelivery {
    /// Of a message of ours that has to go to a provider; nil for all else. Web chat has none.
    fileprivate init?(_ event: ConversationEvent, at now: Instant) {
        guard event.kind == .messageAdded, let message = event.message, message.direction == .outbound,
            message.deliveryStatus == .accepted, let conversation = event.conversation, conversation.channel != .webchat,
            let messageID = UUID(id: message.messageID), let conversationID = UUID(id: event.conversationID),
            let accountID = UUID(id: conversation.channelAccountID)
        else { return nil }
        self.init(
            messageID: messageID, conversationID: conversationID, channelAccountID: accountID,
            contactID: UUID(id: conversation.contactID), createTime: now, updateTime: now)
    }
}

extension ConversationFollower {
    /// Reads conversations' Watch in the service's own name, across tenants.
    init(_ surroundings: Surroundings, conversations: GRPC.Channel) {
        let client = ConversationsServiceClient(conversations)
        self.init(surroundings: surroundings) { cursor in
            let request = WatchRequest(
                afterCursor: cursor ?? "", filter: WatchFilter(kinds: WebhookNews.conversations), withTyping: true)
            return await OutgoingIdentity.asService(for: nil) {
                WatchedItems(client.watch(request), .conversations) { step in
                    guard let typing = step.typing else { return false }
                    surroundings.typing.hear(typing)
                    return true
                }
            }
        }
    }

    /// The place behind the last event of conversations.
    static func head(of conversations: GRPC.Channel) async throws -> String {
        try await WatchedItems(ConversationsServiceClient(conversations).watch(.init(liveOnly: true)), .conversations).head()
    }
}

extension WatchForm<WatchResponse, ConversationEvent> {
    static var conversations: Self { Self(cursor: \.cursor, event: \.event, live: \.live, tenantID: \.tenantID) }
}
