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
