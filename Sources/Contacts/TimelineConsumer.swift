import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
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
            return await OutgoingIdentity.asService(for: nil) { ConversationStream(responses: client.watch(request)) }
        }
    }
}

extension TimelineConsumer {
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
