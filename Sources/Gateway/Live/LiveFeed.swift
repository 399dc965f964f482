import Synchronization

/// What a viewer's stream is told.
enum LiveSignal<Event: Sendable>: Sendable {
    case event(Event)
    /// Nothing happened for a while.
    case ping
    /// The stream ends; the browser reads its lists anew and comes back.
    case reset(reason: String)
}

/// One service's events, handed to the viewers of the tenant they belong to. Filled by one Watch per process.
final class LiveFeed<Event: Sendable>: Sendable {
    typealias Signal = LiveSignal<Event>

    /// Signals that may wait for one viewer. A viewer that falls further behind is cut; it resumes where it stopped.
    static var queueMax: Int { 256 }

    private struct State {
        /// Where the feed stands; nil until it is live.
        var cursor: String?
        var nextID = 0
        var viewers: [String: [Int: Viewer]] = [:]
    }

    private struct Viewer: Sendable {
        var continuation: AsyncStream<Signal>.Continuation
        var cut: @Sendable () -> Void
    }

    struct Subscription: Sendable {
        var signals: AsyncStream<Signal>
        /// Where the feed stood when the subscription began.
        var cursor: String
        /// Puts a signal of the viewer's own behind the events.
        var add: @Sendable (Signal) -> Void
        /// Ends the signals behind those that wait.
        var end: @Sendable () -> Void
    }

    private let state = Mutex(State())

    init() {}

    /// Nil while the feed has no connection to its service yet.
    var cursor: String? { state.withLock { $0.cursor } }

    var viewerCount: Int { state.withLock { $0.viewers.values.reduce(0) { $0 + $1.count } } }

    /// - Parameter cut: closes the viewer's connection when its queue is full.
    /// - Returns: nil while the feed is not live.
    func subscribe(tenantID: String, cut: @escaping @Sendable () -> Void) -> Subscription? {
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingOldest(Self.queueMax))
        let subscribed: (id: Int, cursor: String)? = state.withLock { state in
            guard let cursor = state.cursor else { return nil }
            state.nextID += 1
            state.viewers[tenantID, default: [:]][state.nextID] = Viewer(continuation: continuation, cut: cut)
            return (state.nextID, cursor)
        }
        guard let subscribed else { return nil }
        continuation.onTermination = { [weak self] _ in self?.remove(tenantID, subscribed.id) }
        return Subscription(
            signals: signals, cursor: subscribed.cursor,
            add: { signal in Self.hand(signal, to: Viewer(continuation: continuation, cut: cut)) },
            end: { continuation.finish() })
    }

    /// The feed moved without an event.
    func advance(to cursor: String) { state.withLock { $0.cursor = cursor } }

    /// An event of a tenant. `make` runs only when somebody watches.
    func publish(tenantID: String, cursor: String, _ make: () -> Event) {
        let viewers = state.withLock { state in
            state.cursor = cursor
            return state.viewers[tenantID].map { Array($0.values) } ?? []
        }
        guard !viewers.isEmpty else { return }
        let event = make()
        for viewer in viewers { Self.hand(.event(event), to: viewer) }
    }

    /// The service's log has started over: every viewer does too.
    func restart() {
        state.withLock { $0.cursor = nil }
        reset(reason: "log_restarted")
    }

    /// Ends every viewer's stream.
    func reset(reason: String) {
        let viewers = state.withLock { state in state.viewers.values.flatMap(\.values) }
        for viewer in viewers {
            Self.hand(.reset(reason: reason), to: viewer)
            viewer.continuation.finish()
        }
    }

    private static func hand(_ signal: Signal, to viewer: Viewer) {
        guard case .dropped = viewer.continuation.yield(signal) else { return }
        viewer.continuation.finish()
        viewer.cut()
    }

    private func remove(_ tenantID: String, _ id: Int) {
        state.withLock { state in
            state.viewers[tenantID]?[id] = nil
            if state.viewers[tenantID]?.isEmpty == true { state.viewers[tenantID] = nil }
        }
    }
}
