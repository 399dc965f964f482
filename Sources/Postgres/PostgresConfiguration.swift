/// How a pool reaches its database, and within which bounds.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string or URI. Several hosts go straight to libpq: for a primary with standbys write
    /// `postgresql://user@a,b/name?target_session_attrs=read-write`. What it says wins over the settings below.
    package var url: String
    /// Shown in `pg_stat_activity`.
    package var applicationName: String
    /// Connections at most; they are opened as needed.
    package var connectionsMax = 8
    /// Callers that may wait for a connection, or in one commit lane, at once; the next one is refused as overloaded.
    package var waitersMax = 256
    /// How many groups of transactions are committed side by side, each on a connection.
    package var commitLanes = 2
    /// How long a caller waits for a connection before it is refused as unavailable.
    package var acquireTimeout: Duration = .seconds(1)
    /// How long one host may take to answer a connection attempt; libpq counts whole seconds and at least 2.
    package var connectTimeout: Duration = .seconds(3)
    /// Prepared statements are kept per connection by their text. Off for a pooler that shares connections by transaction.
    package var preparedStatements = true
    /// Prepared statements kept per connection; the one unused for longest makes room.
    package var preparedStatementsMax = 256
    /// The server ends a statement that takes longer. The fence behind the callers' deadlines.
    package var statementTimeout: Duration = .seconds(30)
    /// The server ends a statement that waits longer for a lock: 55P03, a conflict.
    package var lockTimeout: Duration = .seconds(10)
    /// How often the server looks, during a statement, whether its client is still there.
    package var clientCheckInterval: Duration = .seconds(2)
    /// The server ends a session that sits idle inside a transaction for longer.
    package var idleInTransactionTimeout: Duration = .seconds(10)
    /// Off behind a pooler that shares connections by transaction: then no start-up options are sent, timeouts are set
    /// inside each transaction only where asked for, and there is no LISTEN.
    package var sessionState = true
    /// Hears of each statement that a connection prepares.
    package var onPrepare: (@Sendable (StatementText) -> Void)?

    package init(url: String, applicationName: String = "switchboard") {
        self.url = url
        self.applicationName = applicationName
    }
}
