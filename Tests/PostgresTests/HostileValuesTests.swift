import Postgres
import Testing

/// Values that a caller may have sent and the database does not take: each is the caller's mistake, and costs nobody the connection.
@Suite struct HostileValuesTests {
    private static let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)

    private static let statements: [(name: String, state: String, sql: SQL)] = [
        ("U+0000 in text", "22021", "select \("a\u{0}b")"),
        ("U+0000 in a list of texts", "22021", "select \(["a", "\u{0}"])"),
        ("an escaped U+0000 in jsonb", "22P05", "select \(PostgresJSON(#"{"a": "\u0000"}"#))"),
        ("a lone surrogate in jsonb", "22P02", "select \(PostgresJSON(#"{"a": "\ud800"}"#))"),
        ("jsonb that is none", "22P02", "select \(PostgresJSON(#"{"a": "#))"),
        ("jsonb of 100,000 levels", "54001", "select \(PostgresJSON(deep))"),
        ("a number too large for jsonb", "22003", "select \(PostgresJSON("1e999999999"))"),
        ("a number out of a column's range", "22003", "select (\(Int64.max))::int4"),
        ("a time out of range", "22008", "select (\("300000-01-01"))::timestamptz"),
        ("a sum out of range", "22003", "select \(Int64.max) + \(Int64(1))"),
        (
            "more parameters than the protocol counts", "54000",
            "select \(fragment: .joined((0...65_535).map { "\($0)" }, by: ", "))"
        ),
    ]

    @Test("each is an invalid value, by its code; the same connection answers the next statement")
    func refused() async throws {
        try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
            let before = try await pool.query("select pg_backend_pid()")[0].decode(Int32.self)
            for (name, state, sql) in Self.statements {
                let error = await postgresError { try await pool.query(sql) }
                #expect(error?.sqlState.rawValue == state, "\(name)")
                #expect(error?.category == .invalidValue, "\(name)")
                let after = try await pool.query("select pg_backend_pid()")[0].decode(Int32.self)
                #expect(after == before, "\(name)")
            }
        }
    }
}
