import FoundationEssentials
import Postgres
import WallTime

extension RoutingStore {
    /// The agents with these ids, in no order; unknown ones are missing.
    func agents(_ ids: [AgentID]) async throws -> [Agent] {
        try await transaction.query(
            """
            select \(fragment: Self.agentColumns)
            from routing.agent
            where tenant_id = \(tenantID) and agent_id = any(\(ids.map(\.uuid)))
            """
        ).map(Agent.init(row:))
    }

    func agent(_ id: AgentID) async throws -> Agent? {
        try await agents([id]).first
    }

    /// The agent, locked until the transaction ends.
    func lockedAgent(_ id: AgentID) async throws -> Agent? {
        try await transaction.query(
            """
            select \(fragment: Self.agentColumns)
            from routing.agent
            where tenant_id = \(tenantID) and agent_id = \(id)
            for update of agent
            """
        ).only.map(Agent.init(row:))
    }

    /// By name, after a place; of one department, and deactivated ones, if that is asked for.
    func agents(
        in department: DepartmentID?, deactivated: Bool, after place: NamePlace?, limit: Int
    ) async throws -> [Agent] {
        try await transaction.query(
            """
            select \(fragment: Self.agentColumns)
            from routing.agent
            where tenant_id = \(tenantID)
              and (state = 'active' or \(deactivated))
              and (\(department)::uuid is null or exists (
                  select from routing.agent_department member
                  where member.tenant_id = agent.tenant_id and member.agent_id = agent.agent_id
                    and member.department_id = \(department)))
              and (\(place?.id)::uuid is null
                   or (lower(display_name collate "und-x-icu"), agent_id)
                      > (lower(\(place?.name ?? "") collate "und-x-icu"), \(place?.id)))
            order by lower(display_name collate "und-x-icu"), agent_id
            limit \(limit)
            """
        ).map(Agent.init(row:))
    }

    /// Everybody who works for the tenant.
    func activeAgents() async throws -> [Agent] {
        try await transaction.query(
            """
            select \(fragment: Self.agentColumns)
            from routing.agent
            where tenant_id = \(tenantID) and state = 'active'
            order by agent_id
            """
        ).map(Agent.init(row:))
    }

    /// - Returns: whether there was none of this id.
    func insert(_ agent: Agent) async throws -> Bool {
        let (fields, status) = (agent.fields, agent.status)
        return try await transaction.query(
            """
            insert into routing.agent
                (tenant_id, agent_id, display_name, roles, chat_limit, email_limit, skills, locale, time_zone,
                 availability, status_time, status_by, create_time, update_time)
            values (\(tenantID), \(agent.id), \(fields.name), \(fields.roles), \(fields.chatLimit.map(Int32.init)),
                    \(fields.emailLimit.map(Int32.init)), \(fields.skills), \(fields.locale), \(fields.timeZone),
                    \(status.availability.rawValue), \(status.changed), \(status.changedBy), \(agent.createTime),
                    \(agent.updateTime))
            on conflict (tenant_id, agent_id) do nothing
            """
        ).affected == 1
    }

    /// What people choose, and the state. The row is locked by the caller.
    func update(_ agent: Agent) async throws {
        let fields = agent.fields
        try await transaction.query(
            """
            update routing.agent
            set display_name = \(fields.name), state = \(agent.state.rawValue), roles = \(fields.roles),
                chat_limit = \(fields.chatLimit.map(Int32.init)), email_limit = \(fields.emailLimit.map(Int32.init)),
                skills = \(fields.skills), locale = \(fields.locale), time_zone = \(fields.timeZone),
                update_time = \(agent.updateTime), version = \(agent.version)
            where tenant_id = \(tenantID) and agent_id = \(agent.id)
            """)
    }

    /// Makes him a member of these departments and of no other.
    func setDepartments(_ departments: [DepartmentID], of agent: AgentID) async throws {
        try await transaction.query(
            """
            with gone as (
                delete from routing.agent_department
                where tenant_id = \(tenantID) and agent_id = \(agent)
                  and department_id <> all(\(departments.map(\.uuid)))
            )
            insert into routing.agent_department (tenant_id, agent_id, department_id)
            select \(tenantID), \(agent), wanted.department_id
            from unnest(\(departments.map(\.uuid))) as wanted (department_id)
            on conflict (tenant_id, agent_id, department_id) do nothing
            """)
    }

    /// Members of an archived department go to its successor.
    /// - Returns: whose departments have changed.
    func moveMembers(of department: DepartmentID, to successor: DepartmentID?) async throws -> [AgentID] {
        try await transaction.query(
            """
            with gone as (
                delete from routing.agent_department
                where tenant_id = \(tenantID) and department_id = \(department)
                returning agent_id
            ), come as (
                insert into routing.agent_department (tenant_id, agent_id, department_id)
                select \(tenantID), agent_id, \(successor)
                from gone
                where \(successor)::uuid is not null
                on conflict (tenant_id, agent_id, department_id) do nothing
            )
            select agent_id from gone order by agent_id
            """
        ).map { AgentID(try $0.decode(UUID.self)) }
    }

    /// Members who have no chat limit of their own.
    func membersWithoutLimit(of department: DepartmentID) async throws -> [AgentID] {
        try await transaction.query(
            """
            select agent_id
            from routing.agent_department
            join routing.agent using (tenant_id, agent_id)
            where tenant_id = \(tenantID) and department_id = \(department) and state = 'active' and chat_limit is null
            order by agent_id
            """
        ).map { AgentID(try $0.decode(UUID.self)) }
    }

    private static let agentColumns: SQL = """
        agent_id, display_name, state, roles, chat_limit, email_limit, skills, locale, time_zone,
        availability, status_reason, status_until, status_time, status_by, missed_offers, last_assigned_time,
        create_time, update_time, version,
        array(
            select member.department_id
            from routing.agent_department member
            where member.tenant_id = agent.tenant_id and member.agent_id = agent.agent_id
            order by member.department_id
        ) as department_ids,
        (
            select max((department.rules ->> 'chatLimit')::integer)
            from routing.agent_department member
            join routing.department using (tenant_id, department_id)
            where member.tenant_id = agent.tenant_id and member.agent_id = agent.agent_id and department.state = 'active'
        ) as department_chat_limit,
        (
            select presence.state
            from routing.presence
            where presence.tenant_id = agent.tenant_id and presence.agent_id = agent.agent_id
        ) as presence
        """
}

extension Agent {
    init(row: Row) throws {
        let (chatLimit, emailLimit): (Int32?, Int32?) = (try row["chat_limit"], try row["email_limit"])
        let departments: [UUID] = try row["department_ids"]
        let departmentLimit: Int32? = try row["department_chat_limit"]
        self.init(
            id: try row["agent_id"], state: try State(stored: row["state"]),
            fields: AgentFields(
                name: try row["display_name"], roles: try row["roles"], departments: departments.map(DepartmentID.init),
                chatLimit: chatLimit.map(Int.init), emailLimit: emailLimit.map(Int.init), skills: try row["skills"],
                locale: try row["locale"], timeZone: try row["time_zone"]),
            status: try AgentStatus(row: row),
            presence: try row["presence", as: String?.self].map { try Presence(stored: $0) } ?? .offline,
            missedOffers: Int(try row["missed_offers", as: Int32.self]),
            lastAssigned: try row["last_assigned_time"], departmentChatLimit: departmentLimit.map(Int.init),
            createTime: try row["create_time"], updateTime: try row["update_time"], version: try row["version"])
    }
}

// MARK: - Status

extension RoutingStore {
    /// His status, and its line in his history (C56).
    func set(_ status: AgentStatus, of agent: AgentID, change: UUID) async throws {
        try await transaction.query(
            """
            with changed as (
                update routing.agent
                set availability = \(status.availability.rawValue), status_reason = \(status.reason),
                    status_until = \(status.until), status_time = \(status.changed), status_by = \(status.changedBy),
                    missed_offers = 0
                where tenant_id = \(tenantID) and agent_id = \(agent)
            )
            insert into routing.agent_status_change
                (tenant_id, agent_id, status_change_id, availability, reason, until_time, change_time, changed_by)
            values (\(tenantID), \(agent), \(change), \(status.availability.rawValue), \(status.reason), \(status.until),
                    \(status.changed), \(status.changedBy))
            """)
    }

    /// The newest first.
    func statuses(of agent: AgentID, before: UUID?, limit: Int) async throws -> [(id: UUID, status: AgentStatus)] {
        try await transaction.query(
            """
            select status_change_id, availability, reason as status_reason, until_time as status_until,
                   change_time as status_time, changed_by as status_by
            from routing.agent_status_change
            where tenant_id = \(tenantID) and agent_id = \(agent)
              and (\(before)::uuid is null or status_change_id < \(before))
            order by status_change_id desc
            limit \(limit)
            """
        ).map { (id: try $0["status_change_id"], status: try AgentStatus(row: $0)) }
    }
}

extension AgentStatus {
    init(row: Row) throws {
        self.init(
            availability: try Availability(stored: row["availability"]), reason: try row["status_reason"],
            until: try row["status_until"], changed: try row["status_time"], changedBy: try row["status_by"])
    }
}
