import EventLog
import FoundationEssentials
import Postgres

/// The tables of one schema that hold rows of tenants, read from the database: a table that a later release adds is there without
/// anybody thinking of it.
struct TenantTables: Sendable {
    struct Table: Sendable, Hashable {
        var name: String
        /// Columns with secrets, or their hashes.
        var secrets: [String]
        /// Rows with bytes may be large.
        var hasBytes: Bool
        /// Rows point to others of the same table.
        var pointsToItself: Bool
    }

    /// Those that point to others before those that they point to: in this order they can be deleted.
    let tables: [Table]

    init(of schema: String, in transaction: Transaction) async throws {
        let rows = try await transaction.query(
            """
            select held.relname::text as name,
                   array(
                       select attname::text from pg_attribute
                       where attrelid = held.oid and attname like '%secret%' and not attisdropped
                       order by 1
                   ) as secrets,
                   exists (
                       select from pg_attribute where attrelid = held.oid and atttypid = 'bytea'::regtype and not attisdropped
                   ) as has_bytes,
                   array(
                       select target.relname::text
                       from pg_constraint
                       join pg_class target on target.oid = confrelid
                       where conrelid = held.oid and contype = 'f'
                       order by 1
                   ) as targets
            from pg_class held
            join pg_attribute tenant on tenant.attrelid = held.oid and tenant.attname = 'tenant_id'
            where held.relnamespace = \(schema)::regnamespace and held.relkind in ('r', 'p') and not held.relispartition
              and held.relname <> 'tenant_deletion'
            order by 1
            """)
        var waiting: [(table: Table, targets: Set<String>)] = try rows.map { row in
            let (name, targets): (String, [String]) = (try row["name"], try row["targets"])
            let table = Table(
                name: name, secrets: try row["secrets"], hasBytes: try row["has_bytes"], pointsToItself: targets.contains(name))
            return (table, Set(targets).subtracting([name]))
        }
        var ordered: [Table] = []
        while !waiting.isEmpty {
            let pointedTo = waiting.reduce(into: Set()) { $0.formUnion($1.targets) }
            let free = waiting.filter { !pointedTo.contains($0.table.name) }
            precondition(!free.isEmpty, "tables of \(schema) point to each other in a circle")
            ordered += free.map(\.table)
            waiting.removeAll { pair in free.contains { $0.table == pair.table } }
        }
        // What tells others of the tenant goes first.
        tables = ordered.filter(\.isNews) + ordered.filter { !$0.isNews }
    }
}

extension TenantTables.Table {
    fileprivate var isNews: Bool { ["event", "job"].contains(name) }

    /// Deletes rows of a tenant, at most so many; those of a table that points to itself at once: there are few, and a row that is
    /// pointed to cannot go first.
    func delete(_ limit: Int, of tenantID: UUID, in schema: String) -> SQL {
        if pointsToItself { return "delete from \(identifier: schema).\(identifier: name) where tenant_id = \(tenantID)" }
        if name == "event" {
            return """
                delete from \(identifier: schema).event
                where (partition, position, record_time) in (
                    select partition, position, record_time
                    from \(identifier: schema).event
                    where partition = \(Int16(EventLog.partition(of: tenantID))) and tenant_id = \(tenantID)
                    order by position
                    limit \(limit)
                )
                """
        }
        return """
            delete from \(identifier: schema).\(identifier: name)
            where tenant_id = \(tenantID) and ctid = any(array(
                select ctid from \(identifier: schema).\(identifier: name) where tenant_id = \(tenantID) limit \(limit)
            ))
            """
    }
}
