import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import TenancyV1

extension TenantDataService {
    private static let rowLimit = (standard: 10_000, max: 100_000)
    private static let batchMax = 1_000

    func deleteTenantData(
        _ request: DeleteTenantDataRequest, _ context: ServerContext
    ) async throws -> DeleteTenantDataResponse {
        let tenantID = try context.tenantID
        var violations = Violations()
        let confirmed = violations.id(request.tenantID, "tenant_id")
        violations.require(confirmed == tenantID, "tenant_id", "is not the tenant of the metadata", reason: "MISMATCH")
        violations.require(request.rowLimit >= 0, "row_limit", "is negative", reason: "RANGE")
        try violations.check()
        let limit = request.rowLimit == 0 ? Self.rowLimit.standard : min(Int(request.rowLimit), Self.rowLimit.max)
        return try await delete(tenant: tenantID, limit: limit)
    }

    /// Table by table, batch by batch, each with its count in one transaction.
    func delete(tenant tenantID: UUID, limit: Int) async throws -> DeleteTenantDataResponse {
        var response = DeleteTenantDataResponse()
        var left = limit
        let tables = try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            try await TenantTables(of: schema, in: transaction).tables
        }
        for table in tables {
            var count: Int
            repeat {
                let batch = min(Self.batchMax, left)
                count = try await delete(batch, of: table, tenantID)
                left -= count
                if count > 0 { response.deleted[table.name, default: 0] += Int64(count) }
            } while count > 0 && left > 0
            if left <= 0 { break }
        }
        response.complete = response.deleted.isEmpty
        response.deletedInAll = try await deletedInAll(of: tenantID)
        return response
    }

    private func delete(_ batch: Int, of table: TenantTables.Table, _ tenantID: UUID) async throws -> Int {
        try await pool.transaction(.tenant(tenantID)) { transaction in
            guard try await data.mayDelete(transaction, tenantID) else {
                throw Failure(
                    .failedPrecondition, reason: "TENANT_NOT_SUSPENDED",
                    "the tenant is active here: suspend it, and wait until every service has heard of it",
                    preconditions: [.init(type: "TENANT", subject: tenantID.text, description: "is not suspended")])
            }
            let count = try await transaction.query(table.delete(batch, of: tenantID, in: schema)).affected
            guard count > 0 else { return 0 }
            try await transaction.query(
                """
                insert into \(identifier: schema).tenant_deletion as known (tenant_id, table_name, row_count)
                values (\(tenantID), \(table.name), \(Int64(count)))
                on conflict (tenant_id, table_name) do update set row_count = known.row_count + excluded.row_count
                """)
            return count
        }
    }

    private func deletedInAll(of tenantID: UUID) async throws -> [String: Int64] {
        let rows = try await pool.query(
            "select table_name, row_count from \(identifier: schema).tenant_deletion where tenant_id = \(tenantID)")
        return try rows.reduce(into: [:]) { counts, row in
            let (name, count) = try row.decode((String, Int64).self)
            counts[name] = count
        }
    }
}
