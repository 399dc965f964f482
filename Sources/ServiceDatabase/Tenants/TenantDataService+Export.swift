import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import TenancyV1

extension TenantDataService {
    /// Answers to repetitions are copies of what stands elsewhere.
    private static let left: Set<String> = ["idempotent_request"]
    /// A row with bytes may have half a megabyte as text.
    private static let (fetch, fetchLarge): (SQL, SQL) = ("fetch forward 200 from export", "fetch forward 4 from export")
    private static let linesBytesMax = 1 << 20
    /// How long a reader may take for a piece before the snapshot is given up.
    private static let patience = "60000"

    func exportTenantData(
        _ request: ExportTenantDataRequest, _ responses: ResponseWriter<ExportTenantDataResponse>, _ context: ServerContext
    ) async throws {
        try await export(tenant: context.tenantID) { try await responses.write($0) }
    }

    /// All tables as of one moment. What has been sent cannot be taken back: nothing here is tried twice.
    func export(tenant tenantID: UUID, _ write: (ExportTenantDataResponse) async throws -> Void) async throws {
        var options = TransactionOptions.tenant(tenantID, readOnly: true)
        options.isolation = .repeatableRead
        options.attemptsMax = 1
        options.settings["idle_in_transaction_session_timeout"] = Self.patience
        try await pool.transaction(options) { transaction in
            let tables = try await TenantTables(of: schema, in: transaction).tables
            for table in tables.sorted(by: { $0.name < $1.name }) where !Self.left.contains(table.name) {
                try await export(table, transaction, write)
            }
        }
    }

    private func export(
        _ table: TenantTables.Table, _ transaction: Transaction, _ write: (ExportTenantDataResponse) async throws -> Void
    ) async throws {
        try await transaction.query(
            """
            declare export no scroll cursor for
            select (to_jsonb(line) - \(table.secrets)::text[])::text
            from \(identifier: schema).\(identifier: table.name) line
            where tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid
            """)
        try await write(ExportTenantDataResponse(table: table.name))
        while true {
            let rows = try await transaction.query(table.hasBytes ? Self.fetchLarge : Self.fetch)
            guard !rows.isEmpty else { break }
            var lines: [UInt8] = []
            for row in rows {
                let line = Array(try row.decode(String.self).utf8) + [0x0A]
                if lines.count + line.count > Self.linesBytesMax, !lines.isEmpty {
                    try await write(ExportTenantDataResponse(table: table.name, lines: lines))
                    lines = []
                }
                lines += line
            }
            try await write(ExportTenantDataResponse(table: table.name, lines: lines))
        }
        try await transaction.query("close export")
    }
}
