import Synchronization

extension PostgresPool {
    /// Sends statements and waits for the answers. A cancelled task goes on at once; its connection returns to the pool only
    /// when the cancel request has come back and the server has answered the batch.
    func run(_ statements: [Connection.Statement], on connection: Connection) async throws -> Connection.Outcome {
        if let statement = statements.first(where: { $0.parameters.count > Self.parametersMax }) {
            throw PostgresError(
                SQLState(rawValue: "54000"), category: .invalidValue, message: "\(statement.parameters.count) parameters")
        }
        try Task.checkCancellation()
        metrics.statements.increment(by: statements.count)
        let wait = BatchWait(cancelled: statements.last!.isCommit ? Self.commitCancelled : CancellationError())
        // Once nothing but COMMIT is on its way, cancelling can only make the outcome harder to know.
        let cancels = !(statements.count == 1 && statements[0].isCommit)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                connection.start(statements) { wait.complete($0) }
                wait.begin(continuation)
                if Task.isCancelled { abandon(wait, connection, cancels: cancels) }
            }
        } onCancel: {
            abandon(wait, connection, cancels: cancels)
        }
    }

    /// The protocol counts parameters with 16 bits.
    static let parametersMax = 65_535

    /// How long a cancelled connection may take to come clean before it is dropped.
    private static let drainMax: Duration = .seconds(5)

    private static let commitCancelled = PostgresError(
        .transactionResolutionUnknown, message: "cancelled after COMMIT was sent")

    private func abandon(_ wait: BatchWait, _ connection: Connection, cancels: Bool) {
        connection.beginCancel()
        guard wait.abandon() else { return connection.endCancel() }
        metrics.cancellations.increment()
        let timer = Reactor.shared.after(Self.drainMax) { connection.close() }
        BlockingWork.start {
            if cancels { connection.cancelBlocking() }
            wait.whenCompleted { Reactor.shared.cancel(timer) }
            connection.endCancel()
        }
    }
}

/// Where a task waits for its batch: it goes on with the outcome or, cancelled, without it.
private final class BatchWait: Sendable {
    private typealias Continuation = CheckedContinuation<Connection.Outcome, any Error>

    private struct State {
        var continuation: Continuation?
        var outcome: Connection.Outcome?
        var isAbandoned = false
        var onCompletion: (@Sendable () -> Void)?
    }

    private let state = Mutex(State())
    private let cancelled: any Error

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

    func whenCompleted(_ action: @escaping @Sendable () -> Void) {
        let isCompleted = state.withLock { state in
            if state.outcome == nil { state.onCompletion = action }
            return state.outcome != nil
        }
        if isCompleted { action() }
    }
}

extension Connection.Outcome {
    /// The connection ended while COMMIT, or the sync that commits, was on its way, and no statement had failed before.
    var mayHaveCommitted: Bool {
        connectionLost && error?.category == .unavailable
    }
}
