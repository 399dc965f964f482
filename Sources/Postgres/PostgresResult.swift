import CLibPQ
import Glibc
import Synchronization

/// Owner of one `PGresult`, which nobody changes after libpq has handed it over.
final class PostgresResult: @unchecked Sendable {
    let raw: OpaquePointer
    /// Columns are mostly asked for from left to right: where the next one is looked for first.
    private let likelyColumn = Atomic<Int>(0)

    init(_ raw: OpaquePointer) {
        self.raw = raw
    }

    deinit {
        PQclear(raw)
    }

    var status: ExecStatusType { PQresultStatus(raw) }
    var rowCount: Int { Int(PQntuples(raw)) }
    var columnCount: Int { Int(PQnfields(raw)) }
    var commandTag: String { String(cString: PQcmdStatus(raw)) }
    var affectedRows: Int { Int(String(cString: PQcmdTuples(raw))) ?? 0 }

    func name(of column: Int) -> String {
        PQfname(raw, Int32(column)).map { String(cString: $0) } ?? "#\(column)"
    }

    func column(named name: String) -> Int? {
        var name = name
        return name.withUTF8 { name in
            let count = columnCount
            var column = likelyColumn.load(ordering: .relaxed)
            for _ in 0..<count {
                if column >= count { column = 0 }
                if isColumn(column, named: name) {
                    likelyColumn.store(column + 1, ordering: .relaxed)
                    return column
                }
                column += 1
            }
            return nil
        }
    }

    private func isColumn(_ column: Int, named name: UnsafeBufferPointer<UInt8>) -> Bool {
        guard let held = PQfname(raw, Int32(column)), let wanted = name.baseAddress, !name.isEmpty,
            UInt8(bitPattern: held[0]) == wanted[0]
        else { return false }
        return strncmp(held, wanted, name.count) == 0 && held[name.count] == 0
    }

    /// Lends a cell to a decoder. PQgetvalue
    func withCell<Value>(
        row: Int, column: Int, _ body: (PostgresCell) throws(PostgresCell.Mismatch) -> Value
    ) throws(PostgresCell.Mismatch) -> Value {
        let row = Int32(row)
        let column = Int32(column)
        let bytes: UnsafeRawBufferPointer? =
            PQgetisnull(raw, row, column) == 1
            ? nil : UnsafeRawBufferPointer(start: PQgetvalue(raw, row, column), count: Int(PQgetlength(raw, row, column)))
        return try body(PostgresCell(type: PostgresType(rawValue: PQftype(raw, column)), bytes: bytes))
    }

    /// The server's refusal that this result carries. PQresultErrorField
    var error: PostgresError {
        PostgresError(
            SQLState(rawValue: field("C") ?? SQLState.connectionFailure.rawValue), constraint: field("n"), table: field("t"),
            message: field("M") ?? String(cString: PQresultErrorMessage(raw)))
    }

    /// The codes are the letters of the protocol's ErrorResponse fields (postgres_ext.h, PG_DIAG_...).
    private func field(_ code: Unicode.Scalar) -> String? {
        PQresultErrorField(raw, Int32(code.value)).map { String(cString: $0) }
    }
}
