/// The result of one statement. It lives in libpq's memory and is decoded as it is read.
package struct Rows: Sendable, RandomAccessCollection {
    let result: PostgresResult

    package var startIndex: Int { 0 }
    package var endIndex: Int { result.rowCount }

    package subscript(position: Int) -> Row {
        precondition(indices.contains(position))
        return Row(result: result, number: position)
    }

    /// How many rows an insert, update, delete or merge touched; for a select, how many it answered.
    package var affected: Int { result.affectedRows }

    /// The only row, or `nil` where there is none.
    /// - Precondition: there is at most one row; a statement that can answer more is a programmer's mistake.
    package var only: Row? {
        precondition(count <= 1, "more than one row")
        return first
    }
}

/// One row of a result.
package struct Row: Sendable {
    let result: PostgresResult
    let number: Int

    /// The row's columns from left to right, as these types: `try row.decode((UUID, String, Int64?).self)`.
    /// - Throws: `PostgresDecodingError` where a column is missing or of another type.
    package func decode<each Column: PostgresDecodable>(_ types: (repeat each Column).Type) throws -> (repeat each Column) {
        var column = 0
        func next<Value: PostgresDecodable>(_: Value.Type) throws -> Value {
            defer { column += 1 }
            return try decode(Value.self, at: column)
        }
        return (repeat try next((each Column).self))
    }

    /// The first column, as this type.
    package func decode<Value: PostgresDecodable>(_ type: Value.Type) throws -> Value {
        try decode(type, at: 0)
    }

    /// The column of this name: `let name: String = try row["display_name"]`.
    package subscript<Value: PostgresDecodable>(name: String) -> Value {
        get throws {
            guard let column = result.column(named: name) else {
                throw PostgresDecodingError(column: name, reason: "no such column")
            }
            return try decode(Value.self, at: column)
        }
    }

    /// The column of this name, as this type.
    package subscript<Value: PostgresDecodable>(name: String, as type: Value.Type) -> Value {
        get throws { try self[name] }
    }

    /// The column of this number, counted from 0.
    package func decode<Value: PostgresDecodable>(_ type: Value.Type, at column: Int) throws -> Value {
        guard column < result.columnCount else {
            throw PostgresDecodingError(column: "#\(column)", reason: "the row has \(result.columnCount) columns")
        }
        do {
            return try result.withCell(row: number, column: column) { (cell) throws(PostgresCell.Mismatch) in
                try Value(postgres: cell)
            }
        } catch {
            throw PostgresDecodingError(column: result.name(of: column), reason: "\(error) is no \(Value.self)")
        }
    }
}
