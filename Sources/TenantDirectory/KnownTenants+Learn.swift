import FoundationEssentials
import Postgres
import RoutingV1
import ServiceRuntime

extension KnownTenants {
    /// Keeps what an event says, in its tenant's transaction.
    package func learn(_ event: RoutingEvent, _ transaction: Transaction) async throws {
        guard let tenantID = UUID(id: event.tenantID) else { return }
        switch event.row {
        case .tenant(let tenant):
            try await transaction.query(put(tenantID, tenant))
        case .department(let department):
            guard let id = UUID(id: department.departmentID) else { return }
            try await transaction.query(put(tenantID, department: id, isArchived: department.state == .archived))
        case .agent(let agent):
            guard let id = UUID(id: agent.agentID) else { return }
            let departments = agent.state == .deactivated ? [] : agent.departmentIDs.compactMap { UUID(id: $0) }
            try await transaction.query(put(tenantID, agent: id, departments))
        case .role(let role):
            try await transaction.query(put(tenantID, role))
        case nil:
            // Only roles are ever removed.
            guard event.kind == .role else { return }
            try await transaction.query(
                "delete from \(identifier: schema).known_role where tenant_id = \(tenantID) and name = \(event.subject)")
        }
    }

    private func put(_ tenantID: UUID, _ tenant: RoutingV1.Tenant) -> SQL {
        """
        insert into \(identifier: schema).known_tenant (tenant_id, suspended, time_zone)
        values (\(tenantID), \(tenant.state == .suspended), \(tenant.settings?.timeZone ?? ""))
        on conflict (tenant_id) do update set suspended = excluded.suspended, time_zone = excluded.time_zone
        """
    }

    private func put(_ tenantID: UUID, department: UUID, isArchived: Bool) -> SQL {
        """
        insert into \(identifier: schema).known_department (tenant_id, department_id, archived)
        values (\(tenantID), \(department), \(isArchived))
        on conflict (tenant_id, department_id) do update set archived = excluded.archived
        """
    }

    private func put(_ tenantID: UUID, agent: UUID, _ departments: [UUID]) -> SQL {
        """
        insert into \(identifier: schema).known_agent (tenant_id, agent_id, department_ids)
        values (\(tenantID), \(agent), \(departments))
        on conflict (tenant_id, agent_id) do update set department_ids = excluded.department_ids
        """
    }

    private func put(_ tenantID: UUID, _ role: RoutingV1.Role) -> SQL {
        """
        insert into \(identifier: schema).known_role (tenant_id, name, permissions)
        values (\(tenantID), \(role.name), \(role.permissions))
        on conflict (tenant_id, name) do update set permissions = excluded.permissions
        """
    }
}
