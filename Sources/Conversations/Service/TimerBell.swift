import ServiceRuntime
import Synchronization
import WallTime

/// Wakes whoever sleeps until the next timer, when one is set that is due sooner.
final class TimerBell: Sendable {
    private struct State {
        /// Until when the sleeper sleeps; `nil`: nobody sleeps, or for no known time.
        var until: Instant?
        var sleeper: AsyncStream<Void>.Continuation?
        /// It rang while nobody slept.
        var hasRung = false
    }

    private let state = Mutex(State())

    /// A timer was set that is due then.
    func ring(for due: Instant) {
        state.withLock { state in
            guard let sleeper = state.sleeper else {
                state.hasRung = true
                return
            }
            if due < state.until ?? .latest { sleeper.finish() }
        }
    }

    /// Sleeps until a product time (`nil`: none is known), until it rings for an earlier one, or for a machine time.
    func sleep(until due: Instant?, by clock: ProductClock, atMost longest: Duration) async throws {
        let (rings, sleeper) = AsyncStream.makeStream(of: Void.self)
        let hasRung = state.withLock { state in
            defer { state.hasRung = false }
            (state.until, state.sleeper) = (due, sleeper)
            return state.hasRung
        }
        defer { state.withLock { ($0.until, $0.sleeper) = (nil, nil) } }
        if hasRung { return }
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { for await _ in rings {} }
            group.addTask { try await Task.sleep(for: longest) }
            if let due { group.addTask { try await clock.sleep(until: due) } }
            try await group.next()
        }
    }
}
