package import Logging

package final class PostgresPool: Sendable {
    package init(_ configuration: PostgresConfiguration, logger: Logger) {}

    /// Keeps the connection for hints until cancelled; the pool answers queries without it.
    package func run() async throws { fatalError("skeleton") }

    /// One statement in a transaction of its own, in one round trip, with settings as in `TransactionOptions`.
    @discardableResult
    package func query(_ sql: SQL, settings: [String: String] = [:]) async throws -> Rows { fatalError("skeleton") }

    /// Runs the body in a transaction and commits when it returns; rolls back when it throws. The body runs again on
    /// 40001 and 40P01, so it must have no effect but on its transaction.
    package func transaction<Answer: Sendable>(
        _ options: TransactionOptions = TransactionOptions(), isolation: isolated (any Actor)? = #isolation,
        _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer { fatalError("skeleton") }

    /// Hints on a channel; each means "look", and several may come as one.
    package func listen(_ channel: String) -> AsyncStream<Void> { fatalError("skeleton") }
    /// Sends a hint soon, outside any transaction; many become one.
    package func notify(_ channel: String) { fatalError("skeleton") }
    package func close() async {}
}

/// An open transaction: one connection, one caller at a time.
package final class Transaction: Sendable {
    @discardableResult
    package func query(_ sql: SQL) async throws -> Rows { fatalError("skeleton") }
    /// Several statements in one round trip; the first failure stops the rest.
    @discardableResult
    package func pipeline(_ statements: [SQL]) async throws -> [Rows] { fatalError("skeleton") }
    /// The last statement: COMMIT travels behind it in the same round trip. Nothing may follow.
    @discardableResult
    package func commit(after sql: SQL) async throws -> Rows { fatalError("skeleton") }
    /// A statement that is sent together with COMMIT, after all others.
    package func beforeCommit(_ sql: SQL) { fatalError("skeleton") }
    /// Runs once the transaction is known to have committed.
    package func afterCommit(_ action: @escaping @Sendable () -> Void) { fatalError("skeleton") }
}
