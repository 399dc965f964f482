/// A SQLSTATE: five characters of the SQL standard and PostgreSQL (Appendix A, "PostgreSQL Error Codes").
package struct SQLState: Sendable, Hashable, RawRepresentable, CustomStringConvertible {
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    init(_ code: String) {
        rawValue = code
    }

    /// The first two characters, such as "08" for connection exceptions.
    package var classCode: Substring { rawValue.prefix(2) }

    package var description: String { rawValue }

    package static let connectionException = SQLState("08000")
    package static let connectionDoesNotExist = SQLState("08003")
    package static let connectionFailure = SQLState("08006")
    package static let transactionResolutionUnknown = SQLState("08007")
    package static let featureNotSupported = SQLState("0A000")
    package static let stringDataRightTruncation = SQLState("22001")
    package static let numericValueOutOfRange = SQLState("22003")
    package static let datetimeFieldOverflow = SQLState("22008")
    package static let characterNotInRepertoire = SQLState("22021")
    package static let invalidTextRepresentation = SQLState("22P02")
    package static let untranslatableCharacter = SQLState("22P05")
    package static let notNullViolation = SQLState("23502")
    package static let foreignKeyViolation = SQLState("23503")
    package static let uniqueViolation = SQLState("23505")
    package static let checkViolation = SQLState("23514")
    package static let exclusionViolation = SQLState("23P01")
    package static let readOnlySQLTransaction = SQLState("25006")
    package static let inFailedSQLTransaction = SQLState("25P02")
    package static let idleInTransactionSessionTimeout = SQLState("25P03")
    package static let invalidSQLStatementName = SQLState("26000")
    package static let invalidAuthorization = SQLState("28000")
    package static let invalidPassword = SQLState("28P01")
    package static let serializationFailure = SQLState("40001")
    package static let deadlockDetected = SQLState("40P01")
    package static let insufficientPrivilege = SQLState("42501")
    package static let undefinedColumn = SQLState("42703")
    package static let undefinedTable = SQLState("42P01")
    package static let duplicateObject = SQLState("42710")
    package static let diskFull = SQLState("53100")
    package static let outOfMemory = SQLState("53200")
    package static let tooManyConnections = SQLState("53300")
    package static let lockNotAvailable = SQLState("55P03")
    package static let queryCanceled = SQLState("57014")
    package static let adminShutdown = SQLState("57P01")
    package static let crashShutdown = SQLState("57P02")
    package static let cannotConnectNow = SQLState("57P03")
    package static let internalError = SQLState("XX000")
    package static let dataCorrupted = SQLState("XX001")
}
