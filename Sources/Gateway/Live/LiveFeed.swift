import Synchronization

/// What a viewer's stream is told.
enum LiveSignal<Event: Sendable>: Sendable {
    case event(Event)
    /// Of no log: it moves no viewer's place.
    case aside(Event)
    /// News of a service may be missing.
    case stale(service: String)
    /// Nothing happened for a while.
    case ping
    /// The stream ends; the browser reads its lists anew and comes back.
    case reset(reason: String)
}

/// The services' events, handed to the viewers of the tenant they belong to. Filled by one Watch per service and process.
final class LiveFeed<Event: Sendable>: Sendable {
    typealias Signal = LiveSignal<Event>

    /// Signals that may wait for one viewer. A viewer that falls further behind is cut; it resumes where it stopped.
    static var queueMax: Int { 256 }

    private struct State {
        /// Where the feed stands in each service's log; a service is missing until its Watch is live.
        var cursors: [String: String] = [:]
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
        var cursors: [String: String]
        /// Puts a signal of the viewer's own behind the events.
        var add: @Sendable (Signal) -> Void
        /// Ends the signals behind those that wait.
        var end: @Sendable () -> Void
    }

    private let state = Mutex(State())

    init() {}

    /// By service; without those whose Watch is not live yet.
    var cursors: [String: String] { state.withLock { $0.cursors } }

    var viewerCount: Int { state.withLock { $0.viewers.values.reduce(0) { $0 + $1.count } } }

    /// - Parameters:
    ///   - required: the service without whose news there is no stream.
    ///   - cut: closes the viewer's connection when its queue is full.
    /// - Returns: nil while the required service's Watch is not live.
    func subscribe(tenantID: String, required: String, cut: @escaping @Sendable () -> Void) -> Subscription? {
        let (signals, continuation) = AsyncStream.makeStream(of: Signal.self, bufferingPolicy: .bufferingOldest(Self.queueMax))
        let subscribed: (id: Int, cursors: [String: String])? = state.withLock { state in
            guard state.cursors[required] != nil else { return nil }
            state.nextID += 1
            state.viewers[tenantID, default: [:]][state.nextID] = Viewer(continuation: continuation, cut: cut)
            return (state.nextID, state.cursors)
        }
        guard let subscribed else { return nil }
        continuation.onTermination = { [weak self] _ in self?.remove(tenantID, subscribed.id) }
        return Subscription(
            signals: signals, cursors: subscribed.cursors,
            add: { signal in Self.hand(signal, to: Viewer(continuation: continuation, cut: cut)) },
            end: { continuation.finish() })
    }

    /// A service's log moved without an event. Whoever listens when its news begin may have missed some.
    func advance(_ service: String, to cursor: String) {
        let viewers = state.withLock { state in
            state.cursors.updateValue(cursor, forKey: service) == nil ? state.viewers.values.flatMap(\.values) : []
        }
        for viewer in viewers { Self.hand(.stale(service: service), to: viewer) }
    }

    /// An event of a tenant. `make` runs only when somebody watches.
    func publish(_ service: String, tenantID: String, cursor: String, _ make: () -> Event) {
        let viewers = state.withLock { state in
            state.cursors[service] = cursor
            return state.viewers[tenantID].map { Array($0.values) } ?? []
        }
        guard !viewers.isEmpty else { return }
        let event = make()
        for viewer in viewers { Self.hand(.event(event), to: viewer) }
    }

    /// What is in no log, for who watches now. `make` runs only when somebody does.
    func mention(tenantID: String, _ make: () -> Event) {
        let viewers = state.withLock { state in state.viewers[tenantID].map { Array($0.values) } ?? [] }
        guard !viewers.isEmpty else { return }
        let event = make()
        for viewer in viewers { Self.hand(.aside(event), to: viewer) }
    }

    /// A service's log has started over: every viewer does too.
    func restart(_ service: String) {
        state.withLock { $0.cursors[service] = nil }
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
