import FoundationEssentials
import Postgres
import WallTime

/// What a report on agents is asked for.
struct AgentReportQuery: Sendable, Hashable {
    var start: Instant
    var end: Instant
    /// Whose days are meant.
    var zone: String
    var daily: Bool
    /// Empty: all.
    var agents: [AgentID]
}

/// How long one agent was how.
struct AgentReportLine: Sendable, Hashable {
    /// Empty where lines are not told apart by it.
    var day: String
    var agent: AgentID
    var availability: AgentStatus.Availability
    var reason: String
    var sum: Duration

    /// What a page ends with.
    var keys: [String] { [day, agent.description, availability.rawValue, reason] }
}

/// How an agent was connected, since when.
struct PresenceStint: Sendable, Hashable {
    var presence: Presence
    var began: Instant
}

extension RoutingStore {
    /// How long agents were how, by day, agent, availability and reason. An agent's first status is the one he was taken on
    /// with; who is not connected is offline, whatever his status.
    func report(_ query: AgentReportQuery, after keys: [String]?, limit: Int) async throws -> [AgentReportLine] {
        let last = keys ?? ["", "", "", ""]
        return try await transaction.query(
            """
            with wanted as (
                select agent_id, create_time
                from routing.agent
                where tenant_id = \(tenantID) and (\(query.agents.isEmpty) or agent_id = any(\(query.agents.map(\.uuid))))
            ), change as (
                select agent_id, 'available' as availability, '' as reason, create_time as change_time,
                       '00000000-0000-0000-0000-000000000000'::uuid as status_change_id
                from wanted
                union all
                select agent_id, change.availability, change.reason, change.change_time, change.status_change_id
                from routing.agent_status_change as change
                join wanted using (agent_id)
                where change.tenant_id = \(tenantID) and change.change_time < \(query.end)
            ), status as (
                select agent_id, availability, reason, change_time as begin_time,
                       lead(change_time, 1, 'infinity') over (
                           partition by agent_id order by change_time, status_change_id
                       ) as end_time
                from change
            ), stint as (
                select agent_id,
                       case presence.state when 'offline' then 'offline' else status.availability end as availability,
                       case presence.state when 'offline' then '' else status.reason end as reason,
                       greatest(status.begin_time, presence.begin_time, \(query.start)) as begin_time,
                       least(status.end_time, presence.end_time, \(query.end)) as end_time
                from status
                join routing.presence_stint as presence using (agent_id)
                where presence.tenant_id = \(tenantID)
                    and greatest(status.begin_time, presence.begin_time, \(query.start))
                        < least(status.end_time, presence.end_time, \(query.end))
            ), spent as (
                select '' as day, agent_id, availability, reason, begin_time, end_time
                from stint
                where not \(query.daily)
                union all
                select to_char(day, 'YYYY-MM-DD'), agent_id, availability, reason,
                       greatest(begin_time, day at time zone \(query.zone)),
                       least(end_time, (day + interval '1 day') at time zone \(query.zone))
                from stint
                join lateral generate_series(
                    date_trunc('day', begin_time at time zone \(query.zone)), end_time at time zone \(query.zone),
                    interval '1 day'
                ) as day on true
                where \(query.daily)
            )
            select day collate "C" as day, agent_id, availability collate "C" as availability, reason collate "C" as reason,
                   sum((extract(epoch from end_time - begin_time) * 1000000)::bigint)::bigint as microseconds
            from spent
            where begin_time < end_time
                and (\(keys == nil)
                     or (day collate "C", agent_id, availability collate "C", reason collate "C")
                        > (\(last[0]), \(UUID(id: last[1]))::uuid, \(last[2]), \(last[3])))
            group by 1, 2, 3, 4
            order by 1, 2, 3, 4
            limit \(limit)
            """
        ).map(AgentReportLine.init(row:))
    }

    /// The status an agent had at an instant; `nil`: the one he was taken on with.
    func status(of agent: AgentID, at instant: Instant) async throws -> AgentStatus? {
        try await transaction.query(
            """
            select availability, reason as status_reason, until_time as status_until, change_time as status_time,
                   changed_by as status_by
            from routing.agent_status_change
            where tenant_id = \(tenantID) and agent_id = \(agent) and change_time <= \(instant)
            order by change_time desc, status_change_id desc
            limit 1
            """
        ).only.map(AgentStatus.init(row:))
    }

    /// How an agent was connected at an instant; `nil`: it was not kept yet.
    func presence(of agent: AgentID, at instant: Instant) async throws -> PresenceStint? {
        try await transaction.query(
            """
            select state, begin_time
            from routing.presence_stint
            where tenant_id = \(tenantID) and agent_id = \(agent) and begin_time <= \(instant)
            order by begin_time desc
            limit 1
            """
        ).only.map { PresenceStint(presence: try Presence(stored: $0["state"]), began: try $0["begin_time"]) }
    }
}

extension PresenceStore {
    /// From now on these are connected so, each at most once.
    func begin(_ stints: [(key: AgentKey, presence: Presence)], at now: Instant) async throws {
        guard !stints.isEmpty else { return }
        let (tenants, agents) = (stints.map(\.key.tenantID), stints.map(\.key.agent.uuid))
        try await transaction.query(
            """
            update routing.presence_stint
            set end_time = greatest(begin_time, \(now))
            from unnest(\(tenants), \(agents)) as former (tenant_id, agent_id)
            where presence_stint.tenant_id = former.tenant_id and presence_stint.agent_id = former.agent_id
                and end_time = 'infinity'
            """)
        // What took no time was nothing.
        try await transaction.query(
            """
            insert into routing.presence_stint (tenant_id, agent_id, state, begin_time)
            select tenant_id, agent_id, state, \(now)
            from unnest(\(tenants), \(agents), \(stints.map(\.presence.rawValue))) as stint (tenant_id, agent_id, state)
            on conflict (tenant_id, agent_id, begin_time) do update
            set state = excluded.state, end_time = 'infinity'
            """)
    }
}

extension AgentReportLine {
    fileprivate init(row: Row) throws {
        self.init(
            day: try row["day"], agent: try row["agent_id"],
            availability: try AgentStatus.Availability(stored: row["availability"]), reason: try row["reason"],
            sum: .microseconds(try row["microseconds", as: Int64.self]))
    }
}
