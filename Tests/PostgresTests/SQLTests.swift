import FoundationEssentials
import Postgres
import Testing
import WallTime

@Test func valuesBecomeParameters() {
    let fragment: SQL = "b = \("x' or 1=1 --")"
    let sql: SQL = "select a from t where a = \(1) and \(fragment: fragment) and c = \(true)"
    #expect(sql.text == "select a from t where a = $1 and b = $2 and c = $3")
}

@Test func fragmentsAreJoined() {
    let sql: SQL = "where \(fragment: .joined(["a = \(1)", "b = \(2)"], by: " and ")) or \(identifier: "s").f"
    #expect(sql.text == "where a = $1 and b = $2 or \"s\".f")
}

private let naughty = [
    "'", "\"", "'; drop table first.thing; --", "\\'; select 1", "$1", "$$", "%s", "\u{FEFF}", "\u{202E}abc", "e\u{301}",
    "\u{1F468}\u{200D}\u{1F469}", "1 OR 1=1", "NULL", "", " ", "\t\n\r", "ﬀ", "\u{7F}\u{1}\u{1F}", "𝕏", "()", "{}", "{a,b}",
]

@Test func textIsNothingButText() async throws {
    try await withPool { pool, _ in
        for text in naughty {
            let (same, length) = try await pool.query("select \(text), octet_length(\(text))")[0].decode((String, Int).self)
            #expect(same == text && length == text.utf8.count)
            let array = try await pool.query("select \([text, text])")[0].decode([String].self)
            #expect(array == [text, text])
        }
    }
}

@Test func longTextIsText() async throws {
    try await withPool { pool, _ in
        let text = String(repeating: "x", count: 5_000_000)
        let same = try await pool.query("select \(text)")[0].decode(String.self) == text
        #expect(same)
    }
}

@Test func equalTextsWithOtherTypesAreOtherStatements() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        let first = try await pool.query("select \(Int64(7))")[0].decode(Int64.self)
        let second = try await pool.query("select \(0.5)")[0].decode(Double.self)
        let third = try await pool.query("select \(Int64(8))")[0].decode(Int64.self)
        #expect(first == 7 && second == 0.5 && third == 8)
    }
}

@Test func textWithNulIsRefusedByTheServer() async throws {
    try await withPool { pool, _ in
        let error = await postgresError { try await pool.query("select \("a\u{0}b")") }
        #expect(error?.sqlState == .characterNotInRepertoire && error?.category == .invalidValue)
    }
}

@Test func valuesComeBackAtTheirLimits() async throws {
    try await withPool { pool, _ in
        func same<Value: PostgresEncodable & PostgresDecodable & Equatable>(_ values: Value...) async throws {
            for value in values {
                do {
                    let back = try await pool.query("select \(value)")[0].decode(Value.self)
                    #expect(back == value)
                } catch {
                    Issue.record(error, "\(Value.self) \(value)")
                }
            }
        }
        try await same(true, false)
        try await same(Int16.min, 0, .max)
        try await same(Int32.min, -1, .max)
        try await same(Int64.min, 9_007_199_254_740_993, .max)
        try await same(Int.min, .max)
        try await same(0.1, -0.0, Double.greatestFiniteMagnitude, .leastNonzeroMagnitude, .infinity)
        try await same([UInt8](), [0], Array(0...255))
        try await same(UUID(), UUID(uuidString: "00000000-0000-0000-0000-000000000000")!)
        try await same(Instant.earliest, .unixEpoch, Instant(microseconds: -1), Instant(microseconds: 1), .latest)
        try await same(Duration.zero, .microseconds(-1), .seconds(86_400 * 400), .microseconds(Int64.max))
        try await same(Int64?.none, 7)
        try await same(PostgresJSON(#"{"a": [1, "\\"]}"#))
        try await same([Int64](), [Int64.min, .max])
        try await same(["a", nil, ""])
        try await same([[UInt8]](), [[1, 2], [], [0]])
        try await same([UUID()], [UUID(), UUID()])
        try await same([Instant.latest])
        try await same([true, false])
    }
}

@Test func aColumnIsReadAsWhatItIsOrNotAtAll() async throws {
    try await withPool { pool, _ in
        let row = try await pool.query("select 300000::int4 as number, 'x' as text, null::text as nothing")[0]
        #expect(try row["number", as: Int.self] == 300_000)
        #expect(try row["nothing", as: String?.self] == nil)
        #expect(throws: PostgresDecodingError.self) { try row["number", as: Int16.self] }
        #expect(throws: PostgresDecodingError.self) { try row["number", as: String.self] }
        #expect(throws: PostgresDecodingError.self) { try row["nothing", as: String.self] }
        #expect(throws: PostgresDecodingError.self) { try row["missing", as: String.self] }
        #expect(throws: PostgresDecodingError.self) { try row.decode((Int, String, String?, Int).self) }
        let times = try await pool.query("select 'infinity'::timestamptz, interval '1 month'")[0]
        #expect(throws: PostgresDecodingError.self) { try times.decode(Instant.self) }
        #expect(throws: PostgresDecodingError.self) { try times.decode(Duration.self, at: 1) }
    }
}
