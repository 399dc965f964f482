import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

extension RoutingStore {
    func role(_ name: String) async throws -> CustomRole? {
        try await roles(after: nil, named: name, limit: 1).first
    }

    /// The role, locked until the transaction ends.
    func lockedRole(_ name: String) async throws -> CustomRole? {
        try await transaction.query(
            """
            select \(fragment: Self.roleColumns)
            from routing.role
            where tenant_id = \(tenantID) and name = \(name)
            for update
            """
        ).only.map(CustomRole.init(row:))
    }

    /// By name; one only, if it is named.
    func roles(after place: String?, named name: String? = nil, limit: Int) async throws -> [CustomRole] {
        try await transaction.query(
            """
            select \(fragment: Self.roleColumns)
            from routing.role
            where tenant_id = \(tenantID)
              and (\(name)::text is null or name = \(name))
              and (\(place)::text is null or name > \(place))
            order by name
            limit \(limit)
            """
        ).map(CustomRole.init(row:))
    }

    /// Which of these roles the tenant has made.
    func roleNames(_ names: [String]) async throws -> Set<String> {
        let rows = try await transaction.query(
            """
            select name
            from routing.role
            where tenant_id = \(tenantID) and name = any(\(names))
            """)
        return Set(try rows.map { try $0.decode(String.self) })
    }

    /// - Returns: whether there was none of this name.
    func insert(_ role: CustomRole) async throws -> Bool {
        try await transaction.query(
            """
            insert into routing.role (tenant_id, name, display_name, permissions, create_time, update_time)
            values (\(tenantID), \(role.name), \(role.fields.displayName), \(role.fields.permissions.map(\.rawValue)),
                    \(role.createTime), \(role.updateTime))
            on conflict (tenant_id, name) do nothing
            """
        ).affected == 1
    }

    /// The row is locked by the caller.
    func update(_ role: CustomRole) async throws {
        try await transaction.query(
            """
            update routing.role
            set display_name = \(role.fields.displayName), permissions = \(role.fields.permissions.map(\.rawValue)),
                update_time = \(role.updateTime), version = \(role.version)
            where tenant_id = \(tenantID) and name = \(role.name)
            """)
    }

    func deleteRole(_ name: String) async throws {
        try await transaction.query("delete from routing.role where tenant_id = \(tenantID) and name = \(name)")
    }

    /// Whether an agent who works here has the role.
    func isRoleInUse(_ name: String) async throws -> Bool {
        try await transaction.query(
            """
            select
            from routing.agent
            where tenant_id = \(tenantID) and roles @> \([name]) and state = 'active'
            limit 1
            """
        ).count == 1
    }

    private static let roleColumns: SQL = "name, display_name, permissions, create_time, update_time, version"
}

extension CustomRole {
    init(row: Row) throws {
        let permissions: [String] = try row["permissions"]
        self.init(
            name: try row["name"],
            fields: Fields(
                displayName: try row["display_name"],
                // What a newer release knows grants nothing here.
                permissions: permissions.compactMap(Permission.init(rawValue:))),
            createTime: try row["create_time"], updateTime: try row["update_time"], version: try row["version"])
    }
}
