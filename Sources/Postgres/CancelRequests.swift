import Synchronization

/// Asks the server to end an abandoned batch, as often as it takes. A server drops a request that reaches it while it reads
/// its next message, so one that overtakes the statement, or falls between two of a batch, ends nothing.
///
/// None of them can meet a later statement: the connection does not settle before the last request has come back, and the
/// server closes a request's connection only after it has signalled the backend, which takes the signal before it reads on.
final class CancelRequests: Sendable {
    private struct State {
        var isSending = false
        var isCompleted = false
        var pause = firstPause
        var timer: UInt64?
    }

    /// Each request is a connection and a process of the server's: the pause between two doubles.
    private static let firstPause: Duration = .milliseconds(5)
    private static let longestPause: Duration = .milliseconds(160)

    private let state = Mutex(State())
    private let connection: Connection
    private let onEnd: @Sendable () -> Void

    /// - Parameter onEnd: called once, when the batch has been answered and no request is under way.
    init(_ connection: Connection, onEnd: @escaping @Sendable () -> Void) {
        self.connection = connection
        self.onEnd = onEnd
    }

    func send() {
        let sends = state.withLock { state in
            state.timer = nil
            state.isSending = !state.isCompleted
            return state.isSending
        }
        guard sends else { return }
        BlockingWork.start { [self] in
            connection.cancelBlocking()
            cameBack()
        }
    }

    /// The batch has been answered, or its connection is gone.
    func complete() {
        let (ends, timer) = state.withLock { state in
            state.isCompleted = true
            return (!state.isSending, state.timer)
        }
        if let timer { Reactor.shared.cancel(timer) }
        if ends { onEnd() }
    }

    private func cameBack() {
        let ends = state.withLock { state in
            state.isSending = false
            guard !state.isCompleted else { return true }
            state.timer = Reactor.shared.after(state.pause) { [self] in send() }
            state.pause = min(state.pause * 2, Self.longestPause)
            return false
        }
        if ends { onEnd() }
    }
}
