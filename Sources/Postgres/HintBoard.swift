import Synchronization

/// Who listens on which channel, and which hints are to be sent. Hints say "look": several may become one.
final class HintBoard: Sendable {
    private struct State {
        var listeners: [String: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var outgoing: Set<String> = []
        var lastListener: UInt64 = 0
        var onChange: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())

    func listen(_ channel: String, atLeastEvery interval: Duration?) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (number, change) = state.withLock { state in
            state.lastListener += 1
            state.listeners[channel, default: [:]][state.lastListener] = continuation
            return (state.lastListener, state.onChange)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.listeners[channel]?[number] = nil
                if state.listeners[channel]?.isEmpty == true { state.listeners[channel] = nil }
            }
        }
        change?.yield()
        if let interval { poll(continuation, every: interval) }
        return stream
    }

    /// Jittered, so that many readers do not look in the same moment.
    private func poll(_ listener: AsyncStream<Void>.Continuation, every interval: Duration) {
        Reactor.shared.after(interval * Double.random(in: 0.75...1)) { [weak self] in
            if case .terminated = listener.yield() { return }
            self?.poll(listener, every: interval)
        }
    }

    /// Tells this process's listeners at once, and the others' when the connection for hints has its turn.
    func notify(_ channel: String) {
        let change = state.withLock { state in
            state.outgoing.insert(channel)
            return state.onChange
        }
        arrived(channel)
        change?.yield()
    }

    func arrived(_ channel: String) {
        let listeners = state.withLock { $0.listeners[channel].map { Array($0.values) } ?? [] }
        for listener in listeners { listener.yield() }
    }

    /// Hints may have been missed: everybody looks.
    func arrivedEverywhere() {
        for channel in channels { arrived(channel) }
    }

    var channels: Set<String> { state.withLock { Set($0.listeners.keys) } }

    func takeOutgoing() -> Set<String> {
        state.withLock { state in
            defer { state.outgoing = [] }
            return state.outgoing
        }
    }

    /// Yields when there is a new channel or a hint to send. One taker at a time.
    func changes() -> (stream: AsyncStream<Void>, wake: AsyncStream<Void>.Continuation) {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        state.withLock { $0.onChange = continuation }
        continuation.yield()
        return (stream, continuation)
    }
}
