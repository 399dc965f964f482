import Postgres
import Synchronization

/// What one table holds.
struct Table: Sendable, Hashable {
    var rows: Int
    /// Of the place and the writer of every row: a row that is written again, even with the same content, changes it.
    var digest: String
}

/// The tables that a refused call must not touch, and the one statement that looks at all of them.
final class LookedAt: Sendable {
    private let administrator: PostgresPool
    private let sql: SQL
    /// What was seen last, and how far the write-ahead log went before and after: while it goes no further, nothing changes.
    private let seen = Mutex<(position: String, tables: [String: Table])?>(nil)

    struct Name {
        var schema: String
        var table: String
    }

    /// All tables of the schemas, a partitioned one as a whole, but for the leases that loops take and the timers that fire by
    /// themselves.
    init(in schemas: [String], of administrator: PostgresPool) async throws {
        self.administrator = administrator
        let rows = try await administrator.query(
            """
            select n.nspname, c.relname
            from pg_class c join pg_namespace n on n.oid = c.relnamespace
            where n.nspname = any(\(schemas)) and c.relkind in ('r', 'p') and not c.relispartition
              and c.relname not in ('event_consumer', 'timer')
              -- What routing's loops do by themselves, after the call that was the reason.
              and (n.nspname, c.relname) not in (
                  ('routing', 'dispatch'), ('routing', 'job'), ('routing', 'reception'),
                  -- And what channels' workers do.
                  ('channels', 'job'), ('channels', 'webhook_delivery'),
                  -- And what conversations hears of contacts.
                  ('conversations', 'person'), ('conversations', 'person_word'))
            order by 1, 2
            """)
        let names = try rows.map { row in
            let (schema, table) = try row.decode((String, String).self)
            return Name(schema: schema, table: table)
        }
        sql = SQL.joined(names.map(\.look), by: " union all ")
    }

    /// Reading all tables costs many times a call, so they are read only where something was written since.
    func tables() async throws -> [String: Table] {
        let position = try await position()
        if let seen = seen.withLock({ $0 }), seen.position == position { return seen.tables }
        let tables = Dictionary(
            uniqueKeysWithValues: try await administrator.query(sql).map { row in
                let (name, rows, digest) = try row.decode((String, Int, String).self)
                return (name, Table(rows: rows, digest: digest))
            })
        let isStill = try await self.position() == position
        seen.withLock { $0 = isStill ? (position, tables) : nil }
        return tables
    }

    /// Where the write-ahead log ends.
    func position() async throws -> String {
        try await administrator.query("select pg_current_wal_insert_lsn()::text")[0].decode(String.self)
    }
}

extension LookedAt.Name {
    /// The place and the writer of every row: one that is written again, even with the same content, changes it.
    fileprivate var look: SQL {
        """
        select \(schema + "." + table)::text, count(*),
            coalesce(md5(string_agg(concat(t.tableoid, t.ctid, t.xmin), ' ' order by t.tableoid, t.ctid)), '')
        from \(identifier: schema).\(identifier: table) t
        """
    }
}
