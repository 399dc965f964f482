extension PostgresPool {
    /// Sends statements and waits for the answers. A cancelled task goes on at once; its connection returns to the pool only
    /// when the cancel request has come back and the server has answered the batch.
    func run(_ statements: [Connection.Statement], on connection: Connection) async throws -> Connection.Outcome {
        if let statement = statements.first(where: { $0.sql.parameters.count > Self.parametersMax }) {
            throw PostgresError(
                SQLState(rawValue: "54000"), category: .invalidValue, message: "\(statement.sql.parameters.count) parameters")
        }
        try Task.checkCancellation()
        // Part of a transaction's body was cancelled by itself, and the rest goes on.
        if connection.isBeingCancelled { await connection.settled() }
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
        guard cancels else {
            wait.whenCompleted {
                Reactor.shared.cancel(timer)
                connection.endCancel()
            }
            return
        }
        let requests = CancelRequests(connection) { connection.endCancel() }
        requests.send()
        wait.whenCompleted {
            Reactor.shared.cancel(timer)
            requests.complete()
        }
    }
}

extension Connection.Outcome {
    /// The connection ended while COMMIT, or the sync that commits, was on its way, and no statement had failed before.
    var mayHaveCommitted: Bool {
        connectionLost && error?.category == .unavailable
    }
}
