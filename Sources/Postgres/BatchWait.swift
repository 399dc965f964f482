import Synchronization

/// Where a task waits for its batch: it goes on with the outcome or, cancelled, without it.
final class BatchWait: Sendable {
    private typealias Continuation = CheckedContinuation<Connection.Outcome, any Error>

    private struct State {
        var continuation: Continuation?
        var outcome: Connection.Outcome?
        var onCompletion: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let cancelled: any Error

    /// - Parameter cancelled: what a cancelled task is told.
    init(cancelled: any Error) {
        self.cancelled = cancelled
    }

    /// The task waits from now on; the batch has been sent, and may have been answered.
    func begin(_ continuation: CheckedContinuation<Connection.Outcome, any Error>) {
        let outcome = state.withLock { state in
            if state.outcome == nil { state.continuation = continuation }
            return state.outcome
        }
        if let outcome { continuation.resume(returning: outcome) }
    }

    func complete(_ outcome: Connection.Outcome) {
        let (continuation, action) = state.withLock { state in
            state.outcome = outcome
            defer {
                state.continuation = nil
                state.onCompletion = nil
            }
            return (state.continuation, state.onCompletion)
        }
        continuation?.resume(returning: outcome)
        action?()
    }

    /// Lets the task go on. Returns false where it was not waiting, or no longer.
    func abandon() -> Bool {
        let continuation = state.withLock { state in
            defer { state.continuation = nil }
            return state.continuation
        }
        continuation?.resume(throwing: cancelled)
        return continuation != nil
    }

    /// Calls back once the batch has been answered, or its connection is gone: now, or later from any thread.
    func whenCompleted(_ action: @escaping @Sendable () -> Void) {
        let isCompleted = state.withLock { state in
            if state.outcome == nil { state.onCompletion = action }
            return state.outcome != nil
        }
        if isCompleted { action() }
    }
}
