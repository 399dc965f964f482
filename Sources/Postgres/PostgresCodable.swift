/// A Swift value that can be a parameter. Its SQL type is fixed, so that the server never guesses: an enum or a domain
/// takes a cast in the statement (`\(state)::orders.state`).
package protocol PostgresEncodable: Sendable {
    static var postgresType: PostgresType { get }
    var postgresParameter: PostgresParameter { get }
}

/// A Swift value that a column can be read as.
package protocol PostgresDecodable: Sendable {
    /// Reads a cell: its type and its bytes, `nil` for SQL's null.
    init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch)
}

/// One cell of a result in binary format, valid while it is being decoded.
package struct PostgresCell {
    package enum Mismatch: Error {
        case null
        case type(PostgresType)
        case value(StaticString)
    }

    var type: PostgresType
    /// `nil` is SQL's null.
    var bytes: UnsafeRawBufferPointer?

    func notNull() throws(Mismatch) -> UnsafeRawBufferPointer {
        guard let bytes else { throw .null }
        return bytes
    }
}

extension Optional: PostgresEncodable where Wrapped: PostgresEncodable {
    package static var postgresType: PostgresType { Wrapped.postgresType }
    package var postgresParameter: PostgresParameter {
        self?.postgresParameter ?? PostgresParameter(Wrapped.postgresType, nil)
    }
}

extension Optional: PostgresDecodable where Wrapped: PostgresDecodable {
    package init(postgres cell: PostgresCell) throws(PostgresCell.Mismatch) {
        self = cell.bytes == nil ? nil : try Wrapped(postgres: cell)
    }
}
