import GRPC
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// An event stream to a browser: replay from its Last-Event-ID, then live, until its token ends (DESIGN.md 8).
struct LiveStream: Sendable {
    let feed: LiveFeed<FeedEvent>
    let sources: [any FeedSource]
    let attendance: Attendance
    let timing: Timing

    /// Without its news there is no stream; another service's may be missing.
    static let required = NewsService.conversations.rawValue

    struct Timing: Sendable {
        /// A comment this often keeps proxies from closing a quiet stream.
        var ping: Duration = .seconds(15)
        /// How often the viewer's rights are looked at again.
        var rights: Duration = .seconds(60)
    }

    /// Who listens, and what he is sent.
    struct Listener: Sendable {
        var tenantID: String
        /// The agent whose presence the stream is; nil for a visitor.
        var agentID: String?
        /// Whose news he is told.
        var services: Set<String>
        /// Seconds since 1970.
        var expiresAt: Int64
        var expiryEvent: String
        var render: @Sendable (FeedEvent) -> ServerSentEvent?
        /// False once the viewer may see something else than before: then the stream starts over.
        var rightsHold: @Sendable () async -> Bool
    }

    func answer(_ exchange: Exchange, _ listener: Listener) throws -> Answer {
        let resumed = try Self.position(exchange)
        guard let subscription = feed.subscribe(tenantID: listener.tenantID, required: Self.required, cut: exchange.cut) else {
            var problem = Problem(
                503, .unavailable, reason: "STREAM_NOT_READY", detail: "The stream is not connected yet; try again.")
            problem.retryAfter = .seconds(1)
            throw problem
        }
        return Answer(
            200,
            headers: [("Content-Type", "text/event-stream"), ("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no")],
            body: .stream { writer in
                let agent = listener.agentID.map { Attendance.Agent(tenantID: listener.tenantID, agentID: $0) }
                if let agent { attendance.enter(agent) }
                defer { if let agent { attendance.leave(agent) } }
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await signal(listener, subscription) }
                    try await tell(Viewing(listener, present: subscription.cursors, resumed: resumed), subscription, &writer)
                    group.cancelAll()
                }
            })
    }

    private static func position(_ exchange: Exchange) throws -> StreamPosition? {
        guard let text = exchange[.lastEventID] ?? exchange.query["lastEventId"], !text.isEmpty else { return nil }
        guard let position = StreamPosition(text), position.cursors[required] != nil else {
            throw Problem.invalid("LAST_EVENT_ID_INVALID", "Last-Event-ID is none of ours.", field: "Last-Event-ID")
        }
        return position
    }

    // MARK: - The stream

    private func tell(
        _ viewing: Viewing, _ subscription: LiveFeed<FeedEvent>.Subscription, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var viewing = viewing
        try await writer.write(ByteBuffer(string: ServerSentEvent.retry(milliseconds: .random(in: 1000...3000))))
        for source in sources {
            guard let cursor = viewing.replayStart(source.name) else { continue }
            do {
                try await replay(source, after: cursor, &viewing, &writer)
            } catch let error as RPCError {
                switch error.code {
                // A cursor from before a restore, or none of ours.
                case .outOfRange, .invalidArgument: return try await reset("log_restarted", &writer)
                // Without `reset` the browser keeps its position and tries again.
                case _ where source.name == Self.required: return
                default: try await writer.write(ByteBuffer(string: viewing.lose(source.name)))
                }
            }
        }
        try await writer.write(ByteBuffer(string: viewing.ready()))
        // At a restart the stream just ends: the browser keeps its position and comes back.
        try await withGracefulShutdownHandler {
            try await live(viewing, subscription, &writer)
        } onGracefulShutdown: {
            subscription.end()
        }
    }

    private func replay(
        _ source: any FeedSource, after cursor: String, _ viewing: inout Viewing, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var isOver = false
        try await source.follow(after: cursor, tenantID: viewing.listener.tenantID) { step in
            if let text = viewing.replayed(step, of: source.name) { try await writer.write(ByteBuffer(string: text)) }
            isOver = step.isLive
            return !isOver
        }
        guard isOver else { throw RPCError(code: .unavailable, message: "the replay ended early") }
    }

    private func live(
        _ viewing: Viewing, _ subscription: LiveFeed<FeedEvent>.Subscription, _ writer: inout any ResponseBodyWriter
    ) async throws {
        var viewing = viewing
        for await signal in subscription.signals {
            switch signal {
            case .event(let event):
                // Conversations may hear of it later than we do: it is not asked.
                if event.dismisses(viewing.listener.agentID) { return try await reset("rights_changed", &writer) }
                guard let text = viewing.live(event) else { continue }
                try await writer.write(ByteBuffer(string: text))
            case .aside(let event):
                guard let text = viewing.aside(event) else { continue }
                try await writer.write(ByteBuffer(string: text))
            case .stale(let service):
                guard viewing.listener.services.contains(service) else { continue }
                try await writer.write(ByteBuffer(string: viewing.stale(service)))
            case .ping: try await writer.write(ByteBuffer(string: viewing.ping()))
            case .reset(let reason):
                let name = reason == "token_expired" ? viewing.listener.expiryEvent : "reset"
                return try await reset(reason, name: name, &writer)
            }
        }
    }

    private func reset(_ reason: String, name: String = "reset", _ writer: inout any ResponseBodyWriter) async throws {
        let data = JSONValue.object(JSONObject([("reason", .string(reason))])).text
        try await writer.write(ByteBuffer(string: ServerSentEvent(name: name, data: data).text))
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
