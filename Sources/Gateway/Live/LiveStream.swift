import ConversationsV1
import GRPC
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// An event stream to a browser: replay from its Last-Event-ID, then live, until its token ends (DESIGN.md 8).
struct LiveStream: Sendable {
    let feed: LiveFeed<FeedEvent>
    let source: ConversationsFeed
    let timing: Timing

    struct Timing: Sendable {
        /// A comment this often keeps proxies from closing a quiet stream.
        var ping: Duration = .seconds(15)
        /// How often the viewer's rights are looked at again.
        var rights: Duration = .seconds(60)
    }

    /// Who listens, and what he is sent.
    struct Listener: Sendable {
        var tenantID: String
        /// Seconds since 1970.
        var expiresAt: Int64
        var expiryEvent: String
        var render: @Sendable (FeedEvent) -> ServerSentEvent?
        /// False once the viewer may see something else than before: then the stream starts over.
        var rightsHold: @Sendable () async -> Bool
    }

    func answer(_ exchange: Exchange, _ listener: Listener) throws -> Answer {
        let position = try Self.position(exchange)
        guard let subscription = feed.subscribe(tenantID: listener.tenantID, cut: exchange.cut) else {
            var problem = Problem(
                503, .unavailable, reason: "STREAM_NOT_READY", detail: "The stream is not connected yet; try again.")
            problem.retryAfter = .seconds(1)
            throw problem
        }
        return Answer(
            200,
            headers: [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no")],
            body: .stream { writer in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await signal(listener, subscription) }
                    try await tell(listener, subscription, after: position, &writer)
                    group.cancelAll()
                }
            })
    }

    private static func position(_ exchange: Exchange) throws -> String? {
        guard let text = exchange[.lastEventID] ?? exchange.query["lastEventId"], !text.isEmpty else { return nil }
        guard let cursor = StreamPosition(text)?.cursors[ConversationsFeed.service] else {
            throw Problem.invalid("LAST_EVENT_ID_INVALID", "Last-Event-ID is none of ours.", field: "Last-Event-ID")
        }
        return cursor
    }

    // MARK: - The stream

    private func tell(
        _ listener: Listener, _ subscription: LiveFeed<FeedEvent>.Subscription, after cursor: String?,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        var join = LiveJoin(replays: cursor != nil)
        let retry = ServerSentEvent.retry(milliseconds: .random(in: 1000...3000))
        if let cursor {
            try await writer.write(ByteBuffer(string: retry))
            do {
                try await replay(listener, after: cursor, &join, &writer)
            } catch let error as RPCError {
                let reason = error.code == .outOfRange ? "log_restarted" : "unavailable"
                return try await reset(reason, isFinal: error.code == .outOfRange, &writer)
            }
        } else {
            let start = StreamPosition(cursors: [ConversationsFeed.service: subscription.cursor]).text
            try await writer.write(ByteBuffer(string: retry + ServerSentEvent(id: start, name: "ready", data: "{}").text))
        }
        // At a restart the stream just ends: the browser keeps its position and comes back.
        try await withGracefulShutdownHandler {
            try await live(listener, subscription, join, &writer)
        } onGracefulShutdown: {
            subscription.end()
        }
    }

    private func live(
        _ listener: Listener, _ subscription: LiveFeed<FeedEvent>.Subscription, _ join: LiveJoin,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        var join = join
        for await signal in subscription.signals {
            switch signal {
            case .event(let event):
                guard join.live(event.eventID), let sent = listener.render(event) else { continue }
                try await writer.write(ByteBuffer(string: sent.text))
            case .ping: try await writer.write(ByteBuffer(string: ServerSentEvent.ping))
            case .reset(let reason):
                let name = reason == "token_expired" ? listener.expiryEvent : "reset"
                let data = JSONValue.object(JSONObject([("reason", .string(reason))])).text
                return try await writer.write(ByteBuffer(string: ServerSentEvent(name: name, data: data).text))
            }
        }
    }

    private func replay(
        _ listener: Listener, after cursor: String, _ join: inout LiveJoin, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var request = WatchRequest(afterCursor: cursor)
        request.filter = WatchFilter(tenantID: listener.tenantID)
        for try await response in source.watch(request) {
            if let event = response.event {
                let event = FeedEvent(event, cursor: response.cursor)
                if join.replayed(event.eventID), let sent = listener.render(event) {
                    try await writer.write(ByteBuffer(string: sent.text))
                }
            }
            if response.live {
                join.caughtUp()
                return
            }
        }
        throw RPCError(code: .unavailable, message: "the replay ended early")
    }

    private func reset(_ reason: String, isFinal: Bool, _ writer: inout any ResponseBodyWriter) async throws {
        // Without `reset` the browser keeps its position and tries again.
        guard isFinal else { return }
        let data = JSONValue.object(JSONObject([("reason", .string(reason))])).text
        try await writer.write(ByteBuffer(string: ServerSentEvent(name: "reset", data: data).text))
    }

    // MARK: - Signals beside the events

    private func signal(_ listener: Listener, _ subscription: LiveFeed<FeedEvent>.Subscription) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                while true {
                    try await Task.sleep(for: timing.ping)
                    subscription.add(.ping)
                }
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: timing.rights)
                    if await !listener.rightsHold() { return subscription.add(.reset(reason: "rights_changed")) }
                }
            }
            group.addTask {
                try await Task.sleep(for: .seconds(max(0, listener.expiresAt - UnixTime.now)))
                subscription.add(.reset(reason: "token_expired"))
            }
            try await group.waitForAll()
        }
    }
}
