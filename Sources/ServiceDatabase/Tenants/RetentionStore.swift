import FoundationEssentials
import Postgres

/// What tenants have chosen to keep for how long.
struct RetentionStore: Sendable {
    let schema: String
    let transaction: Transaction

    func chosen(by tenantID: UUID) async throws -> [String: Duration] {
        let rows = try await transaction.query(
            """
            select category, (extract(epoch from keep) * 1000000)::bigint
            from \(identifier: schema).tenant_retention
            where tenant_id = \(tenantID)
            """)
        return try rows.reduce(into: [:]) { chosen, row in
            let (category, microseconds) = try row.decode((String, Int64).self)
            chosen[category] = .microseconds(microseconds)
        }
    }

    /// - Parameter keep: nil: back to the default.
    func choose(_ keep: Duration?, for category: String, of tenantID: UUID) async throws {
        guard let keep else {
            try await transaction.query(
                """
                delete from \(identifier: schema).tenant_retention
                where tenant_id = \(tenantID) and category = \(category)
                """)
            return
        }
        try await transaction.query(
            """
            insert into \(identifier: schema).tenant_retention (tenant_id, category, keep)
            values (\(tenantID), \(category), \(keep))
            on conflict (tenant_id, category) do update set keep = excluded.keep
            """)
    }
}
