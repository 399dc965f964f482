/// What the database, or the way to it, answered instead of a result. `message` is the driver's: for the log, never for a
/// caller. Callers are told by `category`, and stores turn a known `constraint` into a refusal of their own.
package struct PostgresError: Error, Sendable {
    /// The server's code, or the nearest one for what happened on this side: 08006 for a lost connection, 53300 for a pool
    /// with no free connection, 08007 for a COMMIT whose outcome nobody heard.
    package var sqlState: SQLState
    /// The violated constraint's name, where the server named one.
    package var constraint: String?
    /// The table concerned, where the server named one.
    package var table: String?
    /// The driver's words. They may quote values: log them, show them to nobody.
    package var message: String
    package var category: Category

    package init(
        _ sqlState: SQLState, category: Category? = nil, constraint: String? = nil, table: String? = nil, message: String
    ) {
        self.sqlState = sqlState
        self.category = category ?? Category(sqlState)
        self.constraint = constraint
        self.table = table
        self.message = message
    }

    /// What a caller may conclude. ServiceRuntime maps each to a gRPC code.
    package enum Category: Sendable, Hashable, CaseIterable {
        /// No connection, or it broke before COMMIT was sent: nothing happened, try again later.
        case unavailable
        /// The connection broke after COMMIT was sent: it may have happened. Retry only with the same request id.
        case outcomeUnknown
        /// Pool or server is full (queue bound, acquire timeout, class 53): back off.
        case overloaded
        /// 40001, 40P01, 55P03: another transaction was in the way, and the retries were used up.
        case conflict
        /// statement_timeout or a cancel request from outside ended the statement.
        case timeout
        /// Classes 22 and 54: a value the database cannot hold (U+0000, out of range, malformed text), or one that asks for
        /// more than it takes (nested too deep, too many parameters).
        case invalidValue
        /// Class 23: a constraint said no. The store should have known it by name.
        case constraintViolation
        /// Everything else: a mistake in the program or in the schema.
        case defect

        init(_ state: SQLState) {
            switch state {
            case .transactionResolutionUnknown: self = .outcomeUnknown
            case .serializationFailure, .deadlockDetected, .lockNotAvailable: self = .conflict
            case .queryCanceled: self = .timeout
            case .readOnlySQLTransaction, .idleInTransactionSessionTimeout: self = .unavailable
            case .adminShutdown, .crashShutdown, .cannotConnectNow: self = .unavailable
            default:
                switch state.classCode {
                case "08": self = .unavailable
                case "22", "54": self = .invalidValue
                case "23": self = .constraintViolation
                case "53": self = .overloaded
                case "28", "58": self = .unavailable
                default: self = .defect
                }
            }
        }
    }
}

extension PostgresError: CustomStringConvertible {
    /// Code, category and constraint, without the driver's words: fit for any log.
    package var description: String {
        "PostgreSQL \(sqlState) (\(category))\(constraint.map { ", constraint \($0)" } ?? "")"
    }
}

/// A result that does not have the type the program asked for: a programmer's mistake, found at the first row.
package struct PostgresDecodingError: Error, Sendable, CustomStringConvertible {
    package var column: String
    package var reason: String

    package var description: String { "column \(column): \(reason)" }
}

extension PostgresError {
    /// COMMIT had been sent when the connection ended: only what carries a request id may be retried.
    static func outcomeUnknown(_ cause: PostgresError) -> PostgresError {
        PostgresError(.transactionResolutionUnknown, message: "after COMMIT was sent: \(cause.sqlState) \(cause.message)")
    }
}
