import Synchronization

/// What NOTIFY carries. A hint has no payload.
struct Notification: Hashable, Sendable {
    var channel: String
    var payload = ""
}

/// Who listens on which channel, and which hints are to be sent. Hints say "look": several may become one. Words are said to
/// whoever hears them at that moment, each once.
final class HintBoard: Sendable {
    /// NOTIFY takes less than 8000 bytes, and the process's mark stands before the word.
    static let wordBytesMax = 7_900
    /// Words that wait for one hearer, and to be sent: of more, the oldest are left out.
    static let waitingMax = 256

    private struct State {
        var listeners: [String: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var hearers: [String: [UInt64: AsyncStream<String>.Continuation]] = [:]
        var outgoing: Set<String> = []
        var words: [Notification] = []
        var lastListener: UInt64 = 0
        var onChange: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    /// Stands before each word, so that the server's echo is not heard a second time.
    private let mark = String(UInt64.random(in: .min ... .max), radix: 36)

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

    func hear(_ channel: String) -> AsyncStream<String> {
        let (stream, continuation) = AsyncStream.makeStream(of: String.self, bufferingPolicy: .bufferingNewest(Self.waitingMax))
        let (number, change) = state.withLock { state in
            state.lastListener += 1
            state.hearers[channel, default: [:]][state.lastListener] = continuation
            return (state.lastListener, state.onChange)
        }
        continuation.onTermination = { [weak self] _ in
            self?.state.withLock { state in
                state.hearers[channel]?[number] = nil
                if state.hearers[channel]?.isEmpty == true { state.hearers[channel] = nil }
            }
        }
        change?.yield()
        return stream
    }

    func say(_ word: String, on channel: String) {
        let change = state.withLock { state in
            if state.words.count == Self.waitingMax { state.words.removeFirst() }
            state.words.append(Notification(channel: channel, payload: "\(mark) \(word)"))
            return state.onChange
        }
        tell(word, on: channel)
        change?.yield()
    }

    /// From the server.
    func arrived(_ notification: Notification) {
        if notification.payload.isEmpty { return arrived(notification.channel) }
        guard let end = notification.payload.firstIndex(of: " "), notification.payload[..<end] != mark else { return }
        tell(String(notification.payload[end...].dropFirst()), on: notification.channel)
    }

    private func tell(_ word: String, on channel: String) {
        let hearers = state.withLock { $0.hearers[channel].map { Array($0.values) } ?? [] }
        for hearer in hearers { hearer.yield(word) }
    }

    func arrived(_ channel: String) {
        let listeners = state.withLock { $0.listeners[channel].map { Array($0.values) } ?? [] }
        for listener in listeners { listener.yield() }
    }

    /// Hints may have been missed: everybody looks.
    func arrivedEverywhere() {
        for channel in channels { arrived(channel) }
    }

    var channels: Set<String> { state.withLock { Set($0.listeners.keys).union($0.hearers.keys) } }

    func takeOutgoing() -> [Notification] {
        state.withLock { state in
            defer { (state.outgoing, state.words) = ([], []) }
            return state.outgoing.map { Notification(channel: $0) } + state.words
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
