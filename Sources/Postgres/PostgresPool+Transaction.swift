extension PostgresPool {
    /// Runs the body in a transaction and commits when it returns; rolls back when it throws. On 40001, on 40P01, and once
    /// where the connection broke before COMMIT was sent, on a new one then, the body runs again: it must have no effect but on
    /// its transaction.
    /// - Throws: what the body throws; `PostgresError`, with category `.outcomeUnknown` where COMMIT was sent and never
    ///   answered; `CancellationError` when the task is cancelled before COMMIT was sent.
    package func transaction<Answer>(
        _ options: TransactionOptions = TransactionOptions(), isolation: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        var attempt = 1
        var hasBroken = false
        while true {
            let connection = try await acquire()
            let transaction = Transaction(connection, pool: self, options: options)
            let failure: any Error
            do {
                let answer = try await body(transaction)
                try await transaction.commit()
                giveBack(connection)
                transaction.callAfterCommit()
                return answer
            } catch {
                failure = error
            }
            await transaction.rollback()
            let broke = connection.isLost && transaction.isSafeToRepeat
            giveBack(connection)
            guard let error = failure as? PostgresError, error.isWorthRepeating || (broke && !hasBroken),
                attempt < options.attemptsMax, !Task.isCancelled
            else { throw failure }
            metrics.retries.increment()
            if broke {
                hasBroken = true
                // What broke one has mostly broken those that lie idle too, though nobody may have noticed yet.
                closeIdle()
            }
            attempt += 1
            try await Task.sleep(for: Self.pause(beforeAttempt: attempt))
        }
    }

    /// From 5 ms doubling, shortened by chance down to nothing: two that collided must not meet again.
    private static func pause(beforeAttempt attempt: Int) -> Duration {
        .microseconds(Int.random(in: 0...(5_000 << min(attempt - 2, 4))))
    }
}

extension PostgresError {
    /// The server rolled back, and the same transaction may succeed the next time: another one was in the way, or a plan was
    /// prepared before a migration.
    fileprivate var isWorthRepeating: Bool {
        switch sqlState {
        case .serializationFailure, .deadlockDetected, .invalidSQLStatementName: true
        // "cached plan must not change result type"; the connection has forgotten its plans by now.
        case .featureNotSupported: message.hasPrefix("cached plan")
        default: false
        }
    }
}
