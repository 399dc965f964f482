import Postgres
import PostgresTesting
import Testing

@Test func smoke() async throws {
    try await withTestDatabase(migrating: Migrations(schema: "thing", [.init("0001_thing", "create table a (b int)")])) {
        database in
        try await database.withPool { pool in
            let row = try await pool.query("select \(1), \("x")")[0]
            let (number, text) = try row.decode((Int, String).self)
            #expect(number == 1 && text == "x")
            let n = try await pool.transaction { t in
                try await t.query("insert into thing.a (b) values (\(Int32(4)))")
                return try await t.query("select count(*) from thing.a")[0].decode(Int.self)
            }
            #expect(n == 1)
        }
    }
}
