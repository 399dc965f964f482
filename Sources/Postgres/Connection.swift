import CLibPQ
import Glibc
import Synchronization

/// One connection in pipeline mode. A batch of statements is sent by the thread that has it; the reactor's thread reads the
/// answers and calls the batch's completion. One batch at a time.
final class Connection: Sendable {
    struct Statement: Sendable {
        var sql: SQL
        var isCommit = false

        init(_ sql: SQL) { self.sql = sql }
    }

    /// What became of a batch: the answers up to the first failure, and that failure.
    struct Outcome: Sendable {
        var results: [Rows] = []
        var error: PostgresError?
        /// The connection is gone; what was sent and not answered may or may not have happened.
        var connectionLost = false
    }

    typealias Completion = @Sendable (Outcome) -> Void

    /// PQenterPipelineMode's answers come in the order of what was sent; this is that order.
    private enum Expected {
        case housekeeping
        case preparation(PreparedStatements.Key)
        case statement
    }

    private struct State {
        /// `nil` once closed.
        var raw: OpaquePointer?
        var prepared: PreparedStatements
        var isWriting = false
        var batch: Batch?
        /// Abandoned batches that are being cancelled: a request that comes late must not meet the next caller's statement.
        var cancels = 0
        /// The server is no longer one that takes writes: not to be lent again.
        var isUnfit = false
        var onSettled: (@Sendable () -> Void)?
        /// The failure that ended the connection.
        var lost: PostgresError?

        var isSettled: Bool { batch == nil && cancels == 0 }
    }

    private struct Batch {
        var expected: [Expected] = []
        var answered = 0
        var outcome = Outcome()
        var completion: Completion
    }

    private let state: Mutex<State>
    private let usesPreparedStatements: Bool
    private let onPrepare: (@Sendable (StatementText) -> Void)?
    private let cancelHandle: CancelHandle
    private let descriptor: Int32
    private let onLoss: @Sendable (Connection) -> Void
    private let onNotification: (@Sendable (Notification) -> Void)?

    /// Takes over an open connection. `onLoss` is called once, from any thread.
    init(
        _ raw: OpenedConnection, configuration: PostgresConfiguration,
        onLoss: @escaping @Sendable (Connection) -> Void, onNotification: (@Sendable (Notification) -> Void)? = nil
    ) {
        state = Mutex(
            State(raw: raw.pointer, prepared: PreparedStatements(countMax: configuration.preparedStatementsMax)))
        usesPreparedStatements = configuration.preparedStatements
        onPrepare = configuration.onPrepare
        cancelHandle = CancelHandle(raw.pointer)
        descriptor = PQsocket(raw.pointer)
        self.onLoss = onLoss
        self.onNotification = onNotification
        Reactor.shared.add(descriptor) { [weak self] in self?.handleReadiness() }
    }

    deinit {
        // Its owner has let go of it: nobody is left to be told.
        state.withLock { _ = lose(&$0, error: Self.closedError) }
    }

    // MARK: - Sending

    /// Sends statements and a sync behind them: they succeed or fail together unless a transaction is open or among them.
    /// The completion is called once, on the reactor's thread or, where the connection is gone, on this one.
    func start(_ statements: [Statement], completion: @escaping Completion) {
        let failed: (Completion, Outcome)? = state.withLock { state in
            precondition(state.batch == nil, "one batch at a time")
            guard let raw = state.raw else {
                return (completion, Outcome(error: state.lost ?? Self.closedError, connectionLost: true))
            }
            state.batch = Batch(completion: completion)
            var sent = true
            for statement in statements where sent { sent = send(statement, on: raw, &state) }
            sent = sent && PQpipelineSync(raw) == 1
            guard sent, flush(raw, &state) else { return lose(&state, error: nil) }
            return nil
        }
        finish(failed)
    }

    private static let closedError = PostgresError(.connectionDoesNotExist, message: "the connection is closed")

    private func send(_ statement: Statement, on raw: OpaquePointer, _ state: inout State) -> Bool {
        guard usesPreparedStatements else {
            state.batch!.expected.append(.statement)
            return ParameterBlock(statement.sql.parameters).with { count, types, values, lengths, formats in
                PQsendQueryParams(raw, statement.sql.text, count, types, values, lengths, formats, 1) == 1
            }
        }
        let key = PreparedStatements.Key(statement.sql)
        var name = state.prepared.name(of: key)
        if name == nil {
            let (new, evicted) = state.prepared.add(key)
            name = new
            if let evicted {
                state.batch!.expected.append(.housekeeping)
                guard PQsendQueryParams(raw, "deallocate \(evicted)", 0, nil, nil, nil, nil, 1) == 1 else { return false }
            }
            state.batch!.expected.append(.preparation(key))
            let text = statement.sql.text
            onPrepare?(StatementText(text: text, types: statement.sql.parameters.map(\.type)))
            guard PQsendPrepare(raw, new, text, Int32(key.types.count), key.types) == 1 else { return false }
        }
        state.batch!.expected.append(.statement)
        return ParameterBlock(statement.sql.parameters).with { count, _, values, lengths, formats in
            PQsendQueryPrepared(raw, name!, count, values, lengths, formats, 1) == 1
        }
    }

    /// - Returns: false where the connection is gone.
    private func flush(_ raw: OpaquePointer, _ state: inout State) -> Bool {
        switch PQflush(raw) {
        case 0:
            if state.isWriting {
                state.isWriting = false
                Reactor.shared.setWriting(false, descriptor)
            }
            return true
        case 1:
            if !state.isWriting {
                state.isWriting = true
                Reactor.shared.setWriting(true, descriptor)
            }
            return true
        default:
            return false
        }
    }

    // MARK: - Receiving

    private func handleReadiness() {
        var notifications: [Notification] = []
        let finished: (Completion, Outcome)? = state.withLock { state in
            guard let raw = state.raw else { return nil }
            let alive = PQconsumeInput(raw) == 1 && (!state.isWriting || flush(raw, &state))
            notifications = takeNotifications(raw)
            // What came before the end of the connection is read even when it has ended: it says why.
            if state.batch != nil, let finished = readAnswers(raw, &state) { return finished }
            return alive ? nil : lose(&state, error: nil)
        }
        finish(finished)
        if let onNotification { notifications.forEach(onNotification) }
    }

    /// Reads what is there. Returns the batch when its sync has come.
    private func readAnswers(_ raw: OpaquePointer, _ state: inout State) -> (Completion, Outcome)? {
        while PQisBusy(raw) == 0 {
            guard let pointer = PQgetResult(raw) else {
                // The end of one statement's answers.
                state.batch!.answered += 1
                if state.batch!.answered > state.batch!.expected.count { return lose(&state, error: nil) }
                continue
            }
            let result = PostgresResult(pointer)
            if result.status == PGRES_PIPELINE_SYNC {
                defer { state.batch = nil }
                return (state.batch!.completion, state.batch!.outcome)
            }
            take(result, &state)
            if PQstatus(raw) == CONNECTION_BAD { return lose(&state, error: state.batch?.outcome.error) }
        }
        return nil
    }

    private func take(_ result: PostgresResult, _ state: inout State) {
        let index = state.batch!.answered
        guard index < state.batch!.expected.count else { return }
        let expected = state.batch!.expected[index]
        switch result.status {
        case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY, PGRES_SINGLE_TUPLE:
            if case .statement = expected { state.batch!.outcome.results.append(Rows(result: result)) }
        case PGRES_PIPELINE_ABORTED:
            if case .preparation(let key) = expected { state.prepared.forget(key) }
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            state.batch!.outcome.error = PostgresError(.featureNotSupported, message: "COPY is not supported")
        default:
            let error = result.error
            if case .preparation(let key) = expected { state.prepared.forget(key) }
            if error.sqlState == .featureNotSupported || error.sqlState == .invalidSQLStatementName {
                // A plan from before a migration, or a pooler that moved us: prepare everything anew.
                state.prepared = PreparedStatements(countMax: state.prepared.countMax, after: state.prepared)
            }
            if error.sqlState == .readOnlySQLTransaction { state.isUnfit = true }
            if state.batch!.outcome.error == nil { state.batch!.outcome.error = error }
        }
    }

    private func takeNotifications(_ raw: OpaquePointer) -> [Notification] {
        var notifications: [Notification] = []
        while let notification = PQnotifies(raw) {
            notifications.append(
                Notification(
                    channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra)))
            PQfreemem(notification)
        }
        return notifications
    }

    // MARK: - Ending

    /// Ends the connection; a batch under way fails.
    func close() {
        finish(state.withLock { $0.raw == nil ? nil : lose(&$0, error: Self.closedError) })
    }

    var isLost: Bool { state.withLock { $0.raw == nil } }

    /// Whether a write was refused because the server only reads (25006): after a failover it is a standby.
    var isUnfit: Bool { state.withLock(\.isUnfit) }

    /// Whether a transaction is open, or nothing is known. PQtransactionStatus
    var isInTransaction: Bool {
        state.withLock { state in
            guard let raw = state.raw else { return false }
            return PQtransactionStatus(raw) != PQTRANS_IDLE
        }
    }

    var preparedCount: Int { state.withLock { $0.prepared.count } }

    // MARK: - Cancelling

    /// To be called before anyone learns of the cancellation, so that the connection does not change hands under it.
    func beginCancel() {
        state.withLock { $0.cancels += 1 }
    }

    var isBeingCancelled: Bool { state.withLock { $0.cancels > 0 } }

    /// Asks the server to end what runs; blocks until it has taken the request. PQcancel
    func cancelBlocking() {
        cancelHandle.cancel()
    }

    func endCancel() {
        state.withLock { $0.cancels -= 1 }
        settle()
    }

    /// Calls back once no batch and no cancel request is under way: now, or later from any thread.
    func whenSettled(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.onSettled = action }
        settle()
    }

    func settled() async {
        await withCheckedContinuation { continuation in whenSettled { continuation.resume() } }
    }

    private func settle() {
        let action = state.withLock { state -> (@Sendable () -> Void)? in
            guard state.isSettled else { return nil }
            defer { state.onSettled = nil }
            return state.onSettled
        }
        action?()
    }

    private func lose(_ state: inout State, error: PostgresError?) -> (Completion, Outcome)? {
        guard let raw = state.raw else { return nil }
        let message = PQerrorMessage(raw).map { String(cString: $0) } ?? ""
        let error = error ?? PostgresError(.connectionFailure, message: message)
        state.lost = error
        state.raw = nil
        Reactor.shared.remove(descriptor)
        PQfinish(raw)
        guard var batch = state.batch else {
            return ({ _ in }, Outcome(error: error, connectionLost: true))
        }
        state.batch = nil
        batch.outcome.error = batch.outcome.error ?? error
        batch.outcome.connectionLost = true
        return (batch.completion, batch.outcome)
    }

    /// Calls back outside the lock.
    private func finish(_ finished: (Completion, Outcome)?) {
        guard let (completion, outcome) = finished else { return }
        if outcome.connectionLost { onLoss(self) }
        completion(outcome)
        settle()
    }
}
