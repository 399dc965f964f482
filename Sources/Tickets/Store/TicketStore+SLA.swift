import FoundationEssentials
import Postgres
import WallTime

extension TicketStore {
    static let calendarsMax = 100
    static let policiesMax = 200

    // MARK: - Calendars

    /// All calendars as they are now, by name.
    func calendars() async throws -> [SLACalendar] {
        try await transaction.query(
            """
            select calendar_id, calendar.display_name, calendar.is_archived, calendar_version, calendar.version, held.hours
            from tickets.calendar
            join tickets.calendar_version held using (tenant_id, calendar_id, calendar_version)
            where tenant_id = \(tenantID)
            order by calendar.display_name, calendar_id
            """
        ).map {
            SLACalendar(
                id: try $0["calendar_id"], name: try $0["display_name"],
                hours: try $0["hours", as: PostgresJSON.self].decode(CalendarHours.self),
                isArchived: try $0["is_archived"],
                hoursVersion: try $0["calendar_version"], version: try $0["version"])
        }
    }

    /// Versions of calendars, present and past.
    func hours(_ keys: Set<CalendarVersion.Key>) async throws -> [CalendarVersion.Key: CalendarHours] {
        let keys = Array(keys)
        let rows = try await transaction.query(
            """
            select calendar_id, calendar_version, hours
            from tickets.calendar_version
            join unnest(\(keys.map(\.calendarID)), \(keys.map(\.version))) as wanted (calendar_id, calendar_version)
                using (calendar_id, calendar_version)
            where tenant_id = \(tenantID)
            """)
        return Dictionary(
            try rows.map { row in
                let (id, version, hours) = try row.decode((UUID, Int, PostgresJSON).self)
                return (
                    CalendarVersion.Key(calendarID: id, version: version),
                    try hours.decode(CalendarHours.self)
                )
            }, uniquingKeysWith: { first, _ in first })
    }

    func put(_ calendar: SLACalendar) async throws {
        try await transaction.query(
            """
            insert into tickets.calendar (tenant_id, calendar_id, display_name, is_archived, calendar_version, version)
            values
                (\(tenantID), \(calendar.id), \(calendar.name), \(calendar.isArchived), \(calendar.hoursVersion),
                 \(calendar.version))
            on conflict (tenant_id, calendar_id) do update
            set display_name = excluded.display_name, is_archived = excluded.is_archived,
                calendar_version = excluded.calendar_version, version = excluded.version
            """)
    }

    /// The hours of a version; one that is there already stays.
    func insertHours(of calendar: SLACalendar, at time: Instant) async throws {
        try await transaction.query(
            """
            insert into tickets.calendar_version
                (tenant_id, calendar_id, calendar_version, time_zone, hours, create_time)
            values
                (\(tenantID), \(calendar.id), \(calendar.hoursVersion), \(calendar.hours.timeZone),
                 \(PostgresJSON(calendar.hours)), \(time))
            on conflict (tenant_id, calendar_id, calendar_version) do nothing
            """)
    }

    // MARK: - Policies

    /// All policies in the order in which they are tried.
    func policies() async throws -> [SLAPolicy] {
        try await transaction.query(
            """
            select policy_id, display_name, rank, condition, targets, calendar_id, pause_statuses, is_archived, version
            from tickets.sla_policy
            where tenant_id = \(tenantID)
            order by rank
            """
        ).map(SLAPolicy.init(row:))
    }

    func put(_ policy: SLAPolicy) async throws {
        let targets = Dictionary(
            uniqueKeysWithValues: policy.targets.map { ($0.key.rawValue, $0.value) })
        try await transaction.query(
            """
            insert into tickets.sla_policy
                (tenant_id, policy_id, display_name, rank, condition, targets, calendar_id, pause_statuses, is_archived,
                 version)
            values
                (\(tenantID), \(policy.id), \(policy.name), \(policy.rank), \(PostgresJSON(policy.condition)),
                 \(PostgresJSON(targets)), \(policy.calendarID), \(policy.pauseStatuses.map(\.rawValue).sorted()),
                 \(policy.isArchived), \(policy.version))
            on conflict (tenant_id, policy_id) do update
            set display_name = excluded.display_name, rank = excluded.rank, condition = excluded.condition,
                targets = excluded.targets, calendar_id = excluded.calendar_id, pause_statuses = excluded.pause_statuses,
                is_archived = excluded.is_archived, version = excluded.version
            """)
    }

    /// Tickets whose clocks may run, after a place.
    func livingTickets(after ticket: UUID?, limit: Int) async throws -> [UUID] {
        try await transaction.query(
            """
            select ticket_id
            from tickets.ticket
            where tenant_id = \(tenantID) and status not in ('closed', 'cancelled') and merged_into_id is null
                and (\(ticket)::uuid is null or ticket_id > \(ticket))
            order by ticket_id
            limit \(limit)
            """
        ).map { try $0.decode(UUID.self) }
    }
}

extension SLAPolicy {
    fileprivate init(row: Row) throws {
        let targets = try row["targets", as: PostgresJSON.self].decode([String: SLATarget].self)
        let statuses: [String] = try row["pause_statuses"]
        self.init(
            id: try row["policy_id"], name: try row["display_name"], rank: try row["rank"],
            condition: try row["condition", as: PostgresJSON.self].decode(PolicyCondition.self),
            targets: Dictionary(
                uniqueKeysWithValues: try targets.map { (try ClockKind(stored: $0.key), $0.value) }),
            calendarID: try row["calendar_id"],
            pauseStatuses: Set(try statuses.map(TicketStatus.init(stored:))),
            isArchived: try row["is_archived"],
            version: try row["version"])
    }
}
