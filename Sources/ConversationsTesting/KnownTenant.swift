package import FoundationEssentials
package import Postgres

/// A tenant as routing's events would have told conversations of it, for tests in which routing does not run: one department,
/// and agents who are all there and want work.
package struct KnownTenant: Sendable {
    package var id: UUID
    package var departmentID: UUID
    package var agents: [(id: UUID, name: String)]
    package var loadMax: Int32
    package var emailLoadMax: Int32

    package init(
        _ id: UUID, departmentID: UUID, agents: [(id: UUID, name: String)], loadMax: Int32 = 100, emailLoadMax: Int32 = 1_000
    ) {
        (self.id, self.departmentID, self.agents) = (id, departmentID, agents)
        (self.loadMax, self.emailLoadMax) = (loadMax, emailLoadMax)
    }

    /// - Parameter administrator: sees the rows of all tenants.
    package func insert(as administrator: PostgresPool) async throws {
        let (ids, names) = (agents.map(\.id), agents.map(\.name))
        let statements: [SQL] = [
            """
            insert into conversations.tenant (tenant_id, revision, published, display_name, default_department_id)
            values (\(id), 1, true, 'T', \(departmentID))
            """,
            """
            insert into conversations.department
                (tenant_id, department_id, revision, display_name, archived, accepts_on_reply, requeues_on_disconnect,
                 stays_with_bot, transfer_department_ids)
            values (\(id), \(departmentID), 1, 'Support', false, false, false, false, '{}')
            """,
            """
            insert into conversations.agent
                (tenant_id, agent_id, revision, display_name, deactivated, department_ids, presence, wants_work, load_max,
                 email_load_max)
            select \(id), agent_id, 1, display_name, false, array[\(departmentID)]::uuid[], 'online', true, \(loadMax),
                   \(emailLoadMax)
            from unnest(\(ids), \(names)) as agent (agent_id, display_name)
            """,
            """
            insert into conversations.agent_slot (tenant_id, agent_id, pool, load_max)
            select \(id), agent_id, pool, load_max
            from unnest(\(ids)) as agent (agent_id),
                 (values ('chat', \(loadMax)), ('email', \(emailLoadMax))) as slot (pool, load_max)
            """,
        ]
        for statement in statements { try await administrator.query(statement) }
    }
}
