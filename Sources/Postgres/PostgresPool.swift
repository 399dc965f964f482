package import Logging
import Synchronization

/// Connections to one database, shared by many callers: bounded in number, with a bounded queue before them. Connections are
/// opened when callers need them and reopened, with growing jittered pauses, when they break.
package final class PostgresPool: Sendable {
    package let configuration: PostgresConfiguration
    let logger: Logger
    let metrics: PoolMetrics
    let hints = HintBoard()
    let commitLanes: [CommitLane]
    typealias Waiter = CheckedContinuation<Connection, any Error>
    let stock: Mutex<ConnectionStock<Connection, Waiter>>

    package init(_ configuration: PostgresConfiguration, logger: Logger) {
        self.configuration = configuration
        self.logger = logger
        metrics = PoolMetrics(pool: configuration.applicationName)
        commitLanes = (0..<configuration.commitLanes).map { _ in CommitLane(waitersMax: configuration.waitersMax) }
        stock = Mutex(
            ConnectionStock(connectionsMax: configuration.connectionsMax, waitersMax: configuration.waitersMax))
        sampleMetrics()
    }

    deinit {
        close()
    }

    /// One statement in a transaction of its own, in one round trip, with settings as in `TransactionOptions`.
    /// - Throws: `PostgresError`, or `CancellationError` when the task is cancelled (a call's deadline comes as that too): the
    ///   statement is then cancelled on the server, and may nevertheless have committed.
    @discardableResult
    package func query(_ sql: SQL, settings: [String: String] = [:]) async throws -> Rows {
        try await pipeline([sql], settings: settings)[0]
    }

    /// Several statements in one transaction and one round trip.
    @discardableResult
    package func pipeline(_ statements: [SQL], settings: [String: String] = [:]) async throws -> [Rows] {
        var sent = statements.map(Connection.Statement.init)
        if !settings.isEmpty { sent.insert(Connection.Statement(Self.apply(settings)), at: 0) }
        let connection = try await acquire()
        defer { giveBack(connection) }
        let outcome = try await run(sent, on: connection)
        if let error = outcome.error { throw outcome.mayHaveCommitted ? PostgresError.outcomeUnknown(error) : error }
        return outcome.results.suffix(statements.count)
    }

    /// Statements without COMMIT between them and their sync are one transaction, so a local setting holds for all of them.
    static func apply(_ settings: [String: String]) -> SQL {
        // Sorted, so that equal settings are one prepared statement.
        let calls = settings.sorted { $0.key < $1.key }.map { "set_config(\($0.key), \($0.value), true)" as SQL }
        return "select \(fragment: .joined(calls, by: ", "))"
    }

    /// Ends the pool: idle connections now, lent ones when they come back. Callers that wait are refused.
    package func close() {
        let (idle, waiters) = stock.withLock { $0.close() }
        for connection in idle { connection.close() }
        for waiter in waiters { waiter.resume(throwing: Self.closedError) }
    }

    static let closedError = PostgresError(.connectionDoesNotExist, message: "the pool is closed")

    /// Gauges are looked at now and then, not at each statement; a queue that is shorter-lived shows in the acquire timer.
    private static let sampleInterval: Duration = .seconds(1)

    private func sampleMetrics() {
        let (inUse, idle, waiting, isClosed) = stock.withLock { ($0.lentCount, $0.idleCount, $0.waiterCount, $0.isClosed) }
        metrics.sample(inUse: inUse, idle: idle, waiting: waiting)
        guard !isClosed else { return }
        Reactor.shared.after(Self.sampleInterval) { [weak self] in self?.sampleMetrics() }
    }

    /// Open connections, lent or idle.
    package var connectionCount: Int { stock.withLock(\.total) }
    /// Connections that lie ready.
    package var idleCount: Int { stock.withLock(\.idleCount) }
    /// Callers that wait for a connection.
    package var waiterCount: Int { stock.withLock(\.waiterCount) }
}
