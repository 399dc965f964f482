extension PostgresPool {
    /// As `transaction`, for a body that asks for nothing but the database, committed together with the bodies of others who
    /// come at the same time: they wait for one write to the disk, and travel in the same pipelines. Who comes alone has a
    /// transaction to himself, and waits for nobody.
    ///
    /// Bodies with the same key are never in one group: a lock is no bar between statements of the same transaction, so
    /// whoever names the row that his body locks is kept from reading it while another one changes it. Two that lock the same
    /// row under different keys must notice it themselves, as by a version that is part of the update. Where anything in a
    /// group fails it is all rolled back, and each body runs again in a transaction of its own.
    /// - Parameters:
    ///   - options: read committed, not read only, without a limit of its own for a statement.
    ///   - key: what no two members of a group may both change.
    package func transaction<Answer>(
        _ options: TransactionOptions, groupedBy key: String, isolation: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        precondition(options.isolation == .readCommitted && !options.readOnly && options.statementTimeout == nil)
        let lane = commitLanes[Int(key.utf8.reduce(0 as UInt) { $0 &* 31 &+ UInt($1) } % UInt(commitLanes.count))]
        guard let group = try await join(lane, key) else {
            defer { lane.advance(self) }
            return try await transaction(options, body)
        }
        do {
            let transaction = Transaction(group, pool: self, options: options)
            let answer = try await body(transaction)
            try await transaction.commit()
            transaction.callAfterCommit()
            return answer
        } catch let error as PostgresError where error.category == .outcomeUnknown {
            throw error
        } catch {
            group.dissolve()
            try Task.checkCancellation()
            metrics.retries.increment()
            return try await transaction(options, body)
        }
    }

    private func join(_ lane: CommitLane, _ key: String) async throws -> TransactionGroup? {
        do {
            return try await lane.join(key)
        } catch is CommitLane.Full {
            metrics.refusals.increment()
            throw refusal
        }
    }
}
