import FoundationEssentials
import Postgres
import WallTime

/// The tables of routing, as one tenant sees them, inside one transaction. One function is one SQL statement.
struct RoutingStore: Sendable {
    let transaction: Transaction
    let tenantID: UUID
}

// MARK: - Tenants

extension RoutingStore {
    func tenant() async throws -> Tenant? {
        try await transaction.query(
            """
            select \(fragment: Self.tenantColumns)
            from routing.tenant
            where tenant_id = \(tenantID)
            """
        ).only.map(Tenant.init(row:))
    }

    /// The tenant, locked until the transaction ends.
    func lockedTenant() async throws -> Tenant? {
        try await transaction.query(
            """
            select \(fragment: Self.tenantColumns)
            from routing.tenant
            where tenant_id = \(tenantID)
            for update
            """
        ).only.map(Tenant.init(row:))
    }

    /// Whether the tenant is there and may change anything. A suspension waits for changes that are under way.
    func isActive() async throws -> Bool {
        try await transaction.query(
            """
            select
            from routing.tenant
            where tenant_id = \(tenantID) and state = 'active'
            for share
            """
        ).count == 1
    }

    /// - Returns: whether there was none of this id.
    func insert(_ tenant: Tenant) async throws -> Bool {
        try await transaction.query(
            """
            insert into routing.tenant (tenant_id, display_name, state, settings, create_time, update_time)
            values (\(tenantID), \(tenant.name), \(tenant.state.rawValue), \(PostgresJSON(encoding: tenant.settings)),
                    \(tenant.createTime), \(tenant.updateTime))
            on conflict (tenant_id) do nothing
            """
        ).affected == 1
    }

    /// The row is locked by the caller.
    func update(_ tenant: Tenant) async throws {
        try await transaction.query(
            """
            update routing.tenant
            set display_name = \(tenant.name), state = \(tenant.state.rawValue),
                settings = \(PostgresJSON(encoding: tenant.settings)), update_time = \(tenant.updateTime),
                version = \(tenant.version)
            where tenant_id = \(tenantID)
            """)
    }

    private static let tenantColumns: SQL = "tenant_id, display_name, state, settings, create_time, update_time, version"
}

extension Tenant {
    init(row: Row) throws {
        self.init(
            id: try row["tenant_id"], name: try row["display_name"], state: try State(stored: row["state"]),
            settings: try row["settings", as: PostgresJSON.self].decoded(), createTime: try row["create_time"],
            updateTime: try row["update_time"], version: try row["version"])
    }
}

// MARK: - Audit

extension RoutingStore {
    func append(_ entry: AuditEntry) async throws {
        try await transaction.query(
            """
            insert into routing.audit_entry (tenant_id, audit_entry_id, occur_time, actor, action, subject, changed_paths,
                                             on_behalf_of)
            values (\(tenantID), \(entry.id), \(entry.time), \(entry.actor), \(entry.action), \(entry.subject), \(entry.paths),
                    \(entry.onBehalfOf))
            """)
    }

    /// The newest first.
    func auditEntries(_ filter: AuditFilter, before: UUID?, limit: Int) async throws -> [AuditEntry] {
        try await transaction.query(
            """
            select audit_entry_id, occur_time, actor, action, subject, changed_paths, on_behalf_of
            from routing.audit_entry
            where tenant_id = \(tenantID)
              and (\(filter.subject.isEmpty) or subject = \(filter.subject))
              and (\(filter.actor.isEmpty) or actor = \(filter.actor))
              and (\(filter.start)::timestamptz is null or occur_time >= \(filter.start))
              and (\(filter.end)::timestamptz is null or occur_time < \(filter.end))
              and (\(before)::uuid is null or audit_entry_id < \(before))
            order by audit_entry_id desc
            limit \(limit)
            """
        ).map { row in
            AuditEntry(
                id: try row["audit_entry_id"], time: try row["occur_time"], actor: try row["actor"],
                action: try row["action"], subject: try row["subject"], paths: try row["changed_paths"],
                onBehalfOf: try row["on_behalf_of"])
        }
    }
}

// MARK: - Columns

extension PostgresJSON {
    /// - Precondition: the value has a JSON form, which values of this service have.
    init(encoding value: some Encodable) {
        guard let json = try? JSONEncoder().encode(value) else { preconditionFailure("\(type(of: value)) has no JSON form") }
        self.init(String(decoding: json, as: UTF8.self))
    }

    func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}

extension RawRepresentable<String> {
    /// A word of a column that a constraint holds to the words we know; an unknown one was written by a newer release.
    init(stored text: String) throws {
        guard let value = Self(rawValue: text) else { throw UnknownStoredWord(type: "\(Self.self)", word: text) }
        self = value
    }
}

struct UnknownStoredWord: Error {
    let type: String
    let word: String
}
