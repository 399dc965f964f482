/// How a transaction runs.
package struct TransactionOptions: Sendable {
    package enum Isolation: Sendable {
        case readCommitted, repeatableRead, serializable
    }

    /// Run-time settings that hold until the transaction ends (`set_config(name, value, true)`), such as
    /// `["switchboard.tenant_id": id]`. They travel with the first statement.
    package var settings: [String: String]
    package var isolation: Isolation
    /// It writes nothing. Nobody waits for its end, unless it is serializable: what it locked may stay locked a moment longer.
    package var readOnly: Bool
    /// The server ends a statement of this transaction that takes longer; `nil` keeps the pool's.
    package var statementTimeout: Duration?
    /// How often the body is run in all when it fails with 40001 or 40P01, with a jittered pause between.
    package var attemptsMax: Int

    package static let defaultAttemptsMax = 5

    package init(
        settings: [String: String] = [:], isolation: Isolation = .readCommitted, readOnly: Bool = false,
        statementTimeout: Duration? = nil, attemptsMax: Int = defaultAttemptsMax
    ) {
        self.settings = settings
        self.isolation = isolation
        self.readOnly = readOnly
        self.statementTimeout = statementTimeout
        self.attemptsMax = attemptsMax
    }
}
