import Synchronization

/// A service's log in memory, followed as a Watch follows the real one. A test may stop a Watch at each of its steps.
final class FakeLog<Event: Sendable>: Sendable {
    /// Steps of a Watch, in their order.
    enum Step: Sendable, Hashable, CaseIterable {
        /// The call has come; nothing has been read.
        case asked
        /// What had been committed is known; nothing of it has been told.
        case read
        /// One event has been told.
        case underway
        /// All of them have been told; that they are all, not yet.
        case toldAll
        /// The Watch waits for news.
        case live
    }

    typealias Stop = @Sendable (_ step: Step, _ isHub: Bool) async -> Void

    private struct State {
        var events: [Event] = []
        var watchers: [Int: AsyncStream<Void>.Continuation] = [:]
        var nextWatcher = 0
        var begun = 0
        var stop: Stop = { _, _ in }
    }

    private let state = Mutex(State())

    var count: Int { state.withLock { $0.events.count } }
    /// Watches that are open, and that were ever begun.
    var watchers: (open: Int, begun: Int) { state.withLock { ($0.watchers.count, $0.begun) } }

    func onStep(_ stop: @escaping Stop) { state.withLock { $0.stop = stop } }

    /// - Parameter make: the event, of its place in the log, from 1 on.
    func commit(_ make: (Int) -> Event) {
        let watchers = state.withLock { state in
            state.events.append(make(state.events.count + 1))
            return Array(state.watchers.values)
        }
        for watcher in watchers { watcher.yield() }
    }

    /// - Parameters:
    ///   - position: events the reader has had; nil begins at the present.
    ///   - isHub: whether this is the Watch for all tenants.
    ///   - send: the position after the step, its event, and whether the Watch is live.
    func follow(after position: Int?, isHub: Bool, _ send: (Int, Event?, Bool) async throws -> Void) async throws {
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let (watcher, present) = state.withLock { state in
            state.nextWatcher += 1
            state.begun += 1
            state.watchers[state.nextWatcher] = wake
            return (state.nextWatcher, state.events.count)
        }
        defer { _ = state.withLock { $0.watchers.removeValue(forKey: watcher) } }
        func step(_ step: Step) async { await state.withLock { $0.stop }(step, isHub) }

        await step(.asked)
        var position = position ?? present
        var isLive = false
        repeat {
            let committed = state.withLock { Array($0.events[position...]) }
            if !isLive { await step(.read) }
            for event in committed {
                if isLive { await step(.live) }
                position += 1
                try await send(position, event, isLive)
                if !isLive { await step(.underway) }
            }
            if !isLive {
                await step(.toldAll)
                isLive = true
                try await send(position, nil, true)
            }
        } while await wakes.first { _ in true } != nil
    }

    /// The id of the event at a place: greater for a later one.
    static func id(_ position: Int) -> String {
        "e" + String(repeating: "0", count: 8 - String(position).count) + String(position)
    }
}

/// Something that happened, to be asked or waited for.
final class Flag: Sendable {
    private struct State {
        var isRaised = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())
    var isRaised: Bool { state.withLock { $0.isRaised } }

    func raise() {
        let waiting = state.withLock { state in
            state.isRaised = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// - Returns: whether this is the first time.
    func raiseOnce() -> Bool {
        state.withLock { state in
            defer { state.isRaised = true }
            return !state.isRaised
        }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isRaised = state.withLock { state in
                if !state.isRaised { state.waiting.append(continuation) }
                return state.isRaised
            }
            if isRaised { continuation.resume() }
        }
    }
}
