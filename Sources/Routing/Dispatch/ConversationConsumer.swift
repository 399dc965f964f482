import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
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
                return await OutgoingIdentity.asService(for: nil) { ConversationStream(responses: client.watch(request)) }
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
        let watch = ConversationsServiceClient(conversations).watch(ConversationsV1.WatchRequest(liveOnly: true))
        for try await response in watch where response.live { return response.cursor }
        throw RPCError(code: .unavailable, message: "conversations' stream ended before it was live")
    }
}

/// Conversations' answers as a consumer takes them.
struct ConversationStream: AsyncSequence, Sendable {
    let responses: ResponseStream<ConversationsV1.WatchResponse>

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(responses: responses.makeAsyncIterator())
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var responses: ResponseStream<ConversationsV1.WatchResponse>.AsyncIterator

        mutating func next() async throws -> ConsumedItem<ConversationEvent>? {
            do {
                guard let response = try await responses.next() else { return nil }
                return ConsumedItem(response)
            } catch {
                guard error.code == .outOfRange else { throw error }
                throw EventLogError.outOfRange
            }
        }
    }
}

extension ConsumedItem<ConversationEvent> {
    init(_ response: ConversationsV1.WatchResponse) {
        if let event = response.event, let tenantID = UUID(id: event.tenantID) {
            self = .event(event, tenantID: tenantID, cursor: response.cursor)
        } else {
            self = .progress(cursor: response.cursor)
        }
    }
}
