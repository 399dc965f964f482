import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

extension RoutingStore {
    func apiKey(_ id: APIKeyID) async throws -> APIKey? {
        try await transaction.query(
            """
            select \(fragment: Self.apiKeyColumns)
            from routing.api_key
            where tenant_id = \(tenantID) and api_key_id = \(id)
            """
        ).only.map(APIKey.init(row:))
    }

    /// The key, locked until the transaction ends.
    func lockedAPIKey(_ id: APIKeyID) async throws -> APIKey? {
        try await transaction.query(
            """
            select \(fragment: Self.apiKeyColumns)
            from routing.api_key
            where tenant_id = \(tenantID) and api_key_id = \(id)
            for update
            """
        ).only.map(APIKey.init(row:))
    }

    /// The newest first.
    func apiKeys(before: UUID?, limit: Int) async throws -> [APIKey] {
        try await transaction.query(
            """
            select \(fragment: Self.apiKeyColumns)
            from routing.api_key
            where tenant_id = \(tenantID) and (\(before)::uuid is null or api_key_id < \(before))
            order by api_key_id desc
            limit \(limit)
            """
        ).map(APIKey.init(row:))
    }

    func openAPIKeyCount(at now: Instant) async throws -> Int {
        try await transaction.query(
            """
            select count(*)
            from routing.api_key
            where tenant_id = \(tenantID) and revoke_time is null and (expire_time is null or expire_time > \(now))
            """
        )[0].decode(Int.self)
    }

    /// The key, and where it leads.
    func insert(_ key: APIKey) async throws {
        try await transaction.query(
            """
            with lookup as (
                insert into routing.api_key_tenant (api_key_id, tenant_id)
                values (\(key.id), \(tenantID))
            )
            insert into routing.api_key
                (tenant_id, api_key_id, display_name, permissions, secret_hash, expire_time, create_time, created_by)
            values (\(tenantID), \(key.id), \(key.name), \(key.permissions.map(\.rawValue)), \(key.secretHash),
                    \(key.expires), \(key.createTime), \(key.createdBy))
            """)
    }

    /// The row is locked by the caller.
    func revoke(_ key: APIKey) async throws {
        try await transaction.query(
            """
            update routing.api_key
            set revoke_time = \(key.revokeTime), version = \(key.version)
            where tenant_id = \(tenantID) and api_key_id = \(key.id)
            """)
    }

    /// To the minute: a key in use all the time does not write all the time.
    func noteUse(of key: APIKeyID, at now: Instant) async throws {
        try await transaction.query(
            """
            update routing.api_key
            set last_use_time = \(now)
            where tenant_id = \(tenantID) and api_key_id = \(key)
              and (last_use_time is null or last_use_time <= \(now.advanced(by: .seconds(-60))))
            """)
    }

    private static let apiKeyColumns: SQL = """
        api_key_id, display_name, permissions, secret_hash, expire_time, last_use_time, create_time, created_by, revoke_time,
        version
        """
}

extension APIKey {
    init(row: Row) throws {
        let permissions: [String] = try row["permissions"]
        self.init(
            id: try row["api_key_id"], name: try row["display_name"],
            permissions: permissions.compactMap(Permission.init(rawValue:)), secretHash: try row["secret_hash"],
            expires: try row["expire_time"], lastUse: try row["last_use_time"], createTime: try row["create_time"],
            createdBy: try row["created_by"], revokeTime: try row["revoke_time"], version: try row["version"])
    }
}

extension Surroundings {
    /// Where a key leads: read before any tenant is known.
    func tenant(of key: APIKeyID) async throws -> UUID? {
        try await pool.query("select tenant_id from routing.api_key_tenant where api_key_id = \(key)").only?.decode(UUID.self)
    }
}
