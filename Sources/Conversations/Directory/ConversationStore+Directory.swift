import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime
import WorkingTime

// MARK: - Reading

extension ConversationStore {
    var tenantRow: SQL {
        """
        select revision, published, display_name, suspended, sees_all_departments, default_department_id, offline_transfer,
               locale, time_zone, outcomes, labels
        from conversations.tenant
        where tenant_id = \(tenantID)
        """
    }

    /// A directory with what has changed since its revision. What comes in between the looks is newer than the revision says,
    /// and is read again by the next one.
    func directory(_ tenant: Row, after base: Directory) async throws -> Directory {
        let answers = try await transaction.pipeline([
            """
            select department_id, display_name, archived, successor_id, accepts_on_reply, requeues_on_disconnect,
                   stays_with_bot, bot_timeout_milliseconds, pending_limit, transfer_department_ids, working_hours, locale,
                   time_zone, service_type
            from conversations.department
            where tenant_id = \(tenantID) and revision > \(base.revision)
            """,
            """
            select agent_id, display_name, deactivated, department_ids, presence, wants_work, load_max, email_load_max, locale,
                   time_zone
            from conversations.agent
            where tenant_id = \(tenantID) and revision > \(base.revision)
            """,
            """
            select name, permissions
            from conversations.role
            where tenant_id = \(tenantID) and revision > \(base.revision)
            """,
            """
            select bot_id, offline
            from conversations.bot
            where tenant_id = \(tenantID) and revision > \(base.revision)
            """,
        ])
        var directory = base
        directory.revision = try tenant["revision"]
        directory.tenant = try Directory.Tenant(row: tenant)
        for row in answers[0] {
            let department = try Directory.Department(row: row)
            directory.departments[department.id] = department
        }
        for row in answers[1] {
            let agent = try Directory.Agent(row: row)
            directory.agents[agent.id] = agent
        }
        for row in answers[2] {
            let permissions: [String] = try row["permissions"]
            directory.roles[try row["name"]] = Set(permissions.compactMap(Permission.init(rawValue:)))
        }
        for row in answers[3] {
            let (bot, isOffline) = try row.decode((UUID, Bool).self)
            if isOffline { directory.offlineBots.insert(bot) } else { directory.offlineBots.remove(bot) }
        }
        return directory
    }
}

// MARK: - Writing what routing publishes

extension ConversationStore {
    func put(_ tenant: Directory.Tenant) async throws {
        try await transaction.query(
            """
            insert into conversations.tenant
                (tenant_id, revision, published, display_name, suspended, sees_all_departments, default_department_id,
                 offline_transfer, locale, time_zone, outcomes, labels)
            values (\(tenantID), 1, true, \(tenant.name), \(tenant.isSuspended), \(tenant.seesAllDepartments),
                    \(tenant.defaultDepartmentID), \(tenant.allowsOfflineTransfer), \(tenant.locale), \(tenant.timeZone),
                    \(tenant.outcomes), \(tenant.labels))
            on conflict (tenant_id) do update
            set revision = tenant.revision + 1, published = true, display_name = excluded.display_name,
                suspended = excluded.suspended, sees_all_departments = excluded.sees_all_departments,
                default_department_id = excluded.default_department_id, offline_transfer = excluded.offline_transfer,
                locale = excluded.locale, time_zone = excluded.time_zone, outcomes = excluded.outcomes, labels = excluded.labels
            """)
    }

    /// - Parameter hours: as the contract writes them; `nil`: always open.
    func put(_ department: Directory.Department, hours: [UInt8]?) async throws {
        try await transaction.query(
            """
            \(fragment: next)
            insert into conversations.department
                (tenant_id, department_id, revision, display_name, archived, successor_id, accepts_on_reply,
                 requeues_on_disconnect, stays_with_bot, bot_timeout_milliseconds, pending_limit, transfer_department_ids,
                 working_hours, locale, time_zone, service_type)
            select \(tenantID), \(department.id), next.revision, \(department.name), \(department.isArchived),
                   \(department.successorID), \(department.acceptsOnReply), \(department.requeuesOnDisconnect),
                   \(department.staysWithBot), \(department.botTimeout.milliseconds), \(department.pendingLimit.map { Int32($0) }),
                   \(department.transferDepartmentIDs.sorted { $0.text < $1.text }), \(hours), \(department.locale),
                   \(department.timeZone), \(department.serviceType)
            from next
            on conflict (tenant_id, department_id) do update
            set revision = excluded.revision, display_name = excluded.display_name, archived = excluded.archived,
                successor_id = excluded.successor_id, accepts_on_reply = excluded.accepts_on_reply,
                requeues_on_disconnect = excluded.requeues_on_disconnect, stays_with_bot = excluded.stays_with_bot,
                bot_timeout_milliseconds = excluded.bot_timeout_milliseconds, pending_limit = excluded.pending_limit,
                transfer_department_ids = excluded.transfer_department_ids, working_hours = excluded.working_hours,
                locale = excluded.locale, time_zone = excluded.time_zone, service_type = excluded.service_type
            """)
    }

    func put(_ agent: Directory.Agent) async throws {
        try await transaction.query(
            """
            \(fragment: next)
            insert into conversations.agent
                (tenant_id, agent_id, revision, display_name, deactivated, department_ids, presence, wants_work, load_max,
                 email_load_max, locale, time_zone)
            select \(tenantID), \(agent.id), next.revision, \(agent.name), \(agent.isDeactivated),
                   \(agent.departmentIDs.sorted { $0.text < $1.text }), \(agent.presence.rawValue), \(agent.wantsWork),
                   \(agent.loadMax), \(agent.emailLoadMax), \(agent.locale), \(agent.timeZone)
            from next
            on conflict (tenant_id, agent_id) do update
            set revision = excluded.revision, display_name = excluded.display_name, deactivated = excluded.deactivated,
                department_ids = excluded.department_ids, presence = excluded.presence, wants_work = excluded.wants_work,
                load_max = excluded.load_max, email_load_max = excluded.email_load_max, locale = excluded.locale,
                time_zone = excluded.time_zone
            """)
    }

    /// - Returns: whether it is this transaction's to tell: he has not been told of this change.
    func takeAway(_ agent: UUID, _ since: Instant) async throws -> Bool {
        try await transaction.query(
            """
            update conversations.agent
            set away_told_time = \(since)
            where tenant_id = \(tenantID) and agent_id = \(agent) and away_told_time is distinct from \(since)
            """
        ).affected == 1
    }

    /// A role that is gone lets nobody do anything.
    func putRole(_ name: String, _ permissions: [Permission]) async throws {
        try await transaction.query(
            """
            \(fragment: next)
            insert into conversations.role (tenant_id, name, revision, permissions)
            select \(tenantID), \(name), next.revision, \(permissions.map(\.rawValue))
            from next
            on conflict (tenant_id, name) do update
            set revision = excluded.revision, permissions = excluded.permissions
            """)
    }

    func putBot(_ bot: UUID, isOffline: Bool) async throws {
        try await transaction.query(
            """
            \(fragment: next)
            insert into conversations.bot (tenant_id, bot_id, revision, offline)
            select \(tenantID), \(bot), next.revision, \(isOffline)
            from next
            on conflict (tenant_id, bot_id) do update
            set revision = excluded.revision, offline = excluded.offline
            """)
    }

    /// Takes the tenant's next revision; the row's lock puts the changes of one tenant in the order of their revisions.
    private var next: SQL {
        """
        with next as (
            insert into conversations.tenant (tenant_id, revision)
            values (\(tenantID), 1)
            on conflict (tenant_id) do update set revision = tenant.revision + 1
            returning revision
        )
        """
    }

    /// Enters the tenant among those whose unsent files are swept.
    func sweepFromNowOn() async throws {
        try await transaction.query(
            """
            insert into conversations.swept_tenant (tenant_id)
            values (\(tenantID))
            on conflict (tenant_id) do nothing
            """)
    }
}

// MARK: - Rows

extension Directory.Tenant {
    /// `nil`: only what belongs to it has been told.
    fileprivate init?(row: Row) throws {
        guard try row["published", as: Bool.self] else { return nil }
        self.init(
            name: try row["display_name"], isSuspended: try row["suspended"],
            seesAllDepartments: try row["sees_all_departments"], defaultDepartmentID: try row["default_department_id"],
            allowsOfflineTransfer: try row["offline_transfer"], locale: try row["locale"], timeZone: try row["time_zone"],
            outcomes: try row["outcomes"], labels: try row["labels"])
    }
}

extension Directory.Department {
    fileprivate init(row: Row) throws {
        let pendingLimit: Int32? = try row["pending_limit"]
        let transfers: [UUID] = try row["transfer_department_ids"]
        let hours: [UInt8]? = try row["working_hours"]
        self.init(
            id: try row["department_id"], name: try row["display_name"], isArchived: try row["archived"],
            successorID: try row["successor_id"], acceptsOnReply: try row["accepts_on_reply"],
            pendingLimit: pendingLimit.map { Int($0) }, requeuesOnDisconnect: try row["requeues_on_disconnect"],
            staysWithBot: try row["stays_with_bot"],
            botTimeout: .milliseconds(try row["bot_timeout_milliseconds", as: Int64.self]), transferDepartmentIDs: Set(transfers),
            locale: try row["locale"], timeZone: try row["time_zone"], serviceType: try row["service_type"],
            hours: hours.flatMap(WorkingCalendar.init(contract:)))
    }
}

extension Directory.Agent {
    fileprivate init(row: Row) throws {
        let departments: [UUID] = try row["department_ids"]
        self.init(
            id: try row["agent_id"], name: try row["display_name"], isDeactivated: try row["deactivated"],
            departmentIDs: Set(departments), presence: try row.word("presence"), wantsWork: try row["wants_work"],
            loadMax: try row["load_max"], emailLoadMax: try row["email_load_max"], locale: try row["locale"],
            timeZone: try row["time_zone"])
    }
}

extension Duration {
    /// Rounded down.
    fileprivate var milliseconds: Int64 { components.seconds * 1_000 + components.attoseconds / 1_000_000_000_000_000 }
}
