import Synchronization

/// An open transaction: one caller at a time, on one connection or in a group that shares one. BEGIN and the settings travel
/// with the first statement.
package final class Transaction: Sendable {
    private enum Carrier {
        case own(Connection)
        case group(TransactionGroup)
    }

    private struct State {
        var hasBegun = false
        var isOver = false
        var commitWasSent = false
        /// The first failure; afterwards the server refuses everything but ROLLBACK.
        var failure: (any Error)?
        var lastStatements: [SQL] = []
        var collections: [String: Collection] = [:]
        var afterCommit: [@Sendable () -> Void] = []
    }

    struct Collection {
        var elements: [any Sendable]
        /// The statements depend on no setting of the transaction's: what several of a group gather goes together.
        var isForAll: Bool
        var statements: @Sendable ([any Sendable]) -> [SQL]
    }

    private let carrier: Carrier
    private let pool: PostgresPool
    private let options: TransactionOptions
    private let state = Mutex(State())

    init(_ connection: Connection, pool: PostgresPool, options: TransactionOptions) {
        carrier = .own(connection)
        self.pool = pool
        self.options = options
    }

    /// A member of a group.
    init(_ group: TransactionGroup, pool: PostgresPool, options: TransactionOptions) {
        carrier = .group(group)
        self.pool = pool
        self.options = options
    }

    @discardableResult
    package func query(_ sql: SQL) async throws -> Rows {
        try await run([sql], commits: false)[0]
    }

    /// Several statements in one round trip; the first failure stops the rest.
    @discardableResult
    package func pipeline(_ statements: [SQL]) async throws -> [Rows] {
        guard !statements.isEmpty else { return [] }
        return try await run(statements, commits: false)
    }

    /// The last statement: COMMIT travels behind it in the same round trip. Nothing may follow.
    @discardableResult
    package func commit(after sql: SQL) async throws -> Rows {
        try await run([sql], commits: true)[0]
    }

    /// A statement that is sent together with COMMIT, after all others and in the order of calls. Its answer is not seen;
    /// its failure fails the transaction.
    package func beforeCommit(_ sql: SQL) {
        state.withLock { $0.lastStatements.append(sql) }
    }

    /// Gathers elements under a key; `statements` makes them, all together, into the very last statements before COMMIT.
    /// - Parameter isForAll: the statements depend on no setting of this transaction's; where transactions are committed as a
    ///   group, what all of them gathered under the key is made into statements once, behind everything else.
    package func collect<Element: Sendable>(
        _ elements: [Element], under key: String, isForAll: Bool = false, statements: @escaping @Sendable ([Element]) -> [SQL]
    ) {
        state.withLock { state in
            let empty = Collection(elements: [], isForAll: isForAll) { statements($0 as! [Element]) }
            state.collections[key, default: empty].elements += elements as [any Sendable]
        }
    }

    /// Runs once the transaction is known to have committed; for hints and counters, never for an effect that must not be
    /// lost.
    package func afterCommit(_ action: @escaping @Sendable () -> Void) {
        state.withLock { $0.afterCommit.append(action) }
    }
}

// MARK: - For the pool

extension Transaction {
    /// Commits what has begun, together with the statements kept for the end.
    func commit() async throws {
        let (isOver, failure, isNeeded) = state.withLock {
            ($0.isOver, $0.failure, $0.hasBegun || !$0.lastStatements.isEmpty || !$0.collections.isEmpty)
        }
        // A body that swallowed a failure must not take its answer for committed.
        if let failure { throw failure }
        switch carrier {
        case .own: if isNeeded && !isOver && !endsUnseen { _ = try await run([], commits: true) }
        case .group(let group): try await group.commit(ending())
        }
    }

    /// Nothing was written, and nothing that was read can turn out wrong: the pool ends the transaction when it takes the
    /// connection back, and the caller need not wait for it.
    private var endsUnseen: Bool {
        options.readOnly && options.isolation != .serializable
            && state.withLock { $0.lastStatements.isEmpty && $0.collections.isEmpty }
    }

    private func ending() -> TransactionGroup.Ending {
        state.withLock { state in
            state.isOver = true
            state.commitWasSent = true
            return TransactionGroup.Ending(
                settings: options.settings, lastStatements: state.lastStatements, collections: state.collections)
        }
    }

    /// Ends the transaction without its effects. The caller may count on its locks being free afterwards.
    func rollback() async {
        guard case .own(let connection) = carrier else { return }
        let isNeeded = state.withLock { state in
            defer { state.isOver = true }
            return state.hasBegun && !connection.isLost && connection.isInTransaction
        }
        // A cancelled task does not wait: the pool rolls back before it lends the connection again.
        guard isNeeded, !Task.isCancelled else { return }
        _ = try? await pool.run([Connection.Statement("rollback")], on: connection)
    }

    func callAfterCommit() {
        for action in state.withLock(\.afterCommit) { action() }
    }

    /// COMMIT was not sent: whatever went wrong, nothing has happened.
    var isSafeToRepeat: Bool { state.withLock { !$0.commitWasSent } }

    private func run(_ statements: [SQL], commits: Bool) async throws -> [Rows] {
        let begins = state.withLock { state in
            precondition(!state.isOver, "the transaction is over")
            defer { state.hasBegun = true }
            return !state.hasBegun
        }
        do {
            switch carrier {
            case .own(let connection): return try await run(statements, begins: begins, commits: commits, on: connection)
            // The group's COMMIT comes when all have ended.
            case .group(let group): return try await group.run(statements, options.settings)
            }
        } catch {
            state.withLock { $0.failure = $0.failure ?? error }
            throw error
        }
    }

    private func run(_ statements: [SQL], begins: Bool, commits: Bool, on connection: Connection) async throws -> [Rows] {
        var sent = begins ? begin : []
        let skipped = sent.count
        sent += statements.map(Connection.Statement.init)
        if commits { sent += statementsOfCommit() }
        let outcome = try await pool.run(sent, on: connection)
        if let error = outcome.error { throw commits && outcome.mayHaveCommitted ? .outcomeUnknown(error) : error }
        if commits, let tag = outcome.results.last?.result.commandTag, tag != "COMMIT" {
            throw PostgresError(.inFailedSQLTransaction, message: "COMMIT was answered with \(tag)")
        }
        return Array(outcome.results[skipped..<skipped + statements.count])
    }

    private func statementsOfCommit() -> [Connection.Statement] {
        var commit = Connection.Statement("commit")
        commit.isCommit = true
        return state.withLock { state in
            state.isOver = true
            state.commitWasSent = true
            // By key, so that transactions that gather for the same logs lock in the same order.
            let gathered = state.collections.sorted { $0.key < $1.key }.flatMap { $0.value.statements($0.value.elements) }
            return (state.lastStatements + gathered).map(Connection.Statement.init) + [commit]
        }
    }

    private var begin: [Connection.Statement] {
        let begin: SQL =
            switch (options.isolation, options.readOnly) {
            case (.readCommitted, false): "begin"
            case (.readCommitted, true): "begin read only"
            case (.repeatableRead, false): "begin isolation level repeatable read"
            case (.repeatableRead, true): "begin isolation level repeatable read, read only"
            case (.serializable, false): "begin isolation level serializable"
            case (.serializable, true): "begin isolation level serializable, read only"
            }
        var settings = options.settings
        settings["statement_timeout"] = options.statementTimeout.map { "\($0.wholeMilliseconds)" }
        return ([begin] + (settings.isEmpty ? [] : [PostgresPool.apply(settings)])).map(Connection.Statement.init)
    }
}
