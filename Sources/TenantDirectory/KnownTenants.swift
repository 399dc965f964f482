import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import RoutingV1
import ServiceDatabase
import ServiceRuntime

/// What routing last published of a service's tenants: whether they may write, what roles of their own allow, which
/// departments there are and who belongs to them. It is kept in the service's own schema, and judged by while routing is away.
///
/// Of a tenant that routing has not told of yet nothing is known: it may write, and has neither departments nor roles of its
/// own.
package struct KnownTenants: Sendable {
    let schema: String
    let pool: PostgresPool

    package init(schema: String, pool: PostgresPool) {
        self.schema = schema
        self.pool = pool
    }

    package init(_ runtime: Runtime) {
        self.init(schema: runtime.name, pool: runtime.pool)
    }

    /// The steps that build its tables; a service puts them behind those of its tenants' data and before its own.
    package static let migrationSteps = [
        Migrations.Step("directory/0001_known_tenants", PackageResources._001_known_tenants_sql)
    ]
}

// MARK: - Following

extension KnownTenants {
    /// Presence and status are of no concern here.
    package func consumer(of news: RoutingNews, logger: Logger) -> EventConsumer<RoutingEvent> {
        news.consumer(
            name: "routing.known_tenants", schema: schema, pool: pool, kinds: [.tenant, .department, .agent, .role],
            logger: logger, apply: learn)
    }

    /// Lets `POST /test/settle` wait until everything that routing has told is known.
    package func settler(of consumer: EventConsumer<RoutingEvent>, _ news: RoutingNews) -> any Settler {
        ConsumerSettler(consumer) { try await news.head() }
    }
}

// MARK: - Who writes

extension KnownTenants {
    /// Changes, once per request id, of tenants that may write.
    package var requests: RequestStore { RequestStore(schema: schema, readsOnly: readsOnly) }

    /// The service's own tables, of tenants that may write.
    package var database: TenantDatabase { TenantDatabase(pool: pool, requests: requests) }

    /// Whether a tenant reads only (P2): it is suspended, or its deletion has begun.
    private func readsOnly(_ tenantID: UUID) -> SQL {
        """
        select exists (select from \(identifier: schema).known_tenant where tenant_id = \(tenantID) and suspended)
            or exists (select from \(identifier: schema).tenant_deletion where tenant_id = \(tenantID))
        """
    }

    /// Whether a tenant's rows may be deleted: not while it is known to work.
    package static func mayDelete(from schema: String) -> @Sendable (Transaction, UUID) async throws -> Bool {
        { transaction, tenantID in
            let rows = try await transaction.query(
                "select suspended from \(identifier: schema).known_tenant where tenant_id = \(tenantID)")
            return try rows.first?.decode(Bool.self) ?? true
        }
    }
}

// MARK: - Looking

extension KnownTenants: CustomRoles {
    package func permissions(of roles: [String], in tenantID: UUID) async throws -> Set<Permission> {
        let rows = try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            try await transaction.query(
                """
                select permissions
                from \(identifier: schema).known_role
                where tenant_id = \(tenantID) and name = any(\(roles))
                """)
        }
        return try rows.reduce(into: []) { permissions, row in
            permissions.formUnion(try row.decode([String].self).compactMap(Permission.init(rawValue:)))
        }
    }
}

extension KnownTenants {
    /// Where an agent works; nowhere, of who is unknown or works here no more.
    package func departments(of agentID: UUID, in tenantID: UUID) async throws -> Set<UUID> {
        let rows = try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            try await transaction.query(
                """
                select department_ids
                from \(identifier: schema).known_agent
                where tenant_id = \(tenantID) and agent_id = \(agentID)
                """)
        }
        return Set(try rows.first?.decode([UUID].self) ?? [])
    }

    /// Whether something new may go to a department: it is there, and not archived.
    package func takesNew(_ departmentID: UUID, of tenantID: UUID, in transaction: Transaction) async throws -> Bool {
        let rows = try await transaction.query(
            """
            select from \(identifier: schema).known_department
            where tenant_id = \(tenantID) and department_id = \(departmentID) and not archived
            """)
        return !rows.isEmpty
    }

    /// The tenant's IANA time zone (C59); `nil`: nobody has said.
    package func timeZone(of tenantID: UUID) async throws -> String? {
        let rows = try await pool.transaction(.tenant(tenantID, readOnly: true)) { transaction in
            try await transaction.query(
                """
                select time_zone
                from \(identifier: schema).known_tenant
                where tenant_id = \(tenantID) and time_zone <> ''
                """)
        }
        return try rows.first?.decode(String.self)
    }
}
