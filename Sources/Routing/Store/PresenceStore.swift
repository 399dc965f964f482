import FoundationEssentials
import Postgres
import WallTime

/// Who is there, across tenants: ids, states and times only. One function is one SQL statement.
struct PresenceStore: Sendable {
    let transaction: Transaction
}

/// One agent of one tenant.
struct AgentKey: Sendable, Hashable {
    var tenantID: UUID
    var agent: AgentID
}

/// An agent's row, locked by who reads it.
struct PresenceRow: Sendable, Hashable {
    var key: AgentKey
    var presence: Presence
    var lastBeat: Instant
    /// The key's id is a bot's (C44).
    var isBot = false
}

extension PresenceStore {
    /// A new agent is offline until his first heartbeat.
    func insert(_ key: AgentKey, at now: Instant) async throws {
        try await transaction.query(
            """
            insert into routing.presence (tenant_id, agent_id, last_beat_time)
            values (\(key.tenantID), \(key.agent), \(now))
            on conflict (tenant_id, agent_id) do nothing
            """)
    }

    /// A bot is known from its first heartbeat on. Who is an agent is no bot.
    func insertBot(_ key: AgentKey, at now: Instant) async throws {
        try await transaction.query(
            """
            insert into routing.presence (tenant_id, agent_id, last_beat_time, bot)
            values (\(key.tenantID), \(key.agent), \(now), true)
            on conflict (tenant_id, agent_id) do nothing
            """)
    }

    /// Which of these bots are there at all, and how.
    func bots(_ ids: [UUID], of tenantID: UUID) async throws -> [UUID: Presence] {
        let rows = try await transaction.query(
            """
            select agent_id, state
            from routing.presence
            where tenant_id = \(tenantID) and agent_id = any(\(ids)) and bot
            """)
        var found: [UUID: Presence] = [:]
        for row in rows { found[try row["agent_id"]] = try Presence(stored: row["state"]) }
        return found
    }

    /// The rows whose heartbeats count, locked in one order, so that two streams never wait for each other crosswise.
    func locked(_ keys: [AgentKey]) async throws -> [PresenceRow] {
        try await transaction.query(
            """
            select tenant_id, agent_id, state, last_beat_time, bot
            from routing.presence
            where counted and (tenant_id, agent_id) in (
                select beat.tenant_id, beat.agent_id
                from unnest(\(keys.map(\.tenantID)), \(keys.map(\.agent.uuid))) as beat (tenant_id, agent_id)
            )
            order by tenant_id, agent_id
            for update
            """
        ).map(PresenceRow.init(row:))
    }

    /// The rows whose time has come; those that another replica works on are left to it.
    func due(at now: Instant, limit: Int) async throws -> [PresenceRow] {
        try await transaction.query(
            """
            select tenant_id, agent_id, state, last_beat_time, bot
            from routing.presence
            where due_time <= \(now)
            order by due_time
            limit \(limit)
            for update skip locked
            """
        ).map(PresenceRow.init(row:))
    }

    /// The rows as they are from now on. They are locked by the caller.
    func set(_ rows: [(row: PresenceRow, due: Instant?)]) async throws {
        guard !rows.isEmpty else { return }
        try await transaction.query(
            """
            update routing.presence
            set state = new.state, last_beat_time = new.last_beat_time, due_time = new.due_time
            from unnest(
                \(rows.map { $0.row.key.tenantID }), \(rows.map { $0.row.key.agent.uuid }),
                \(rows.map { $0.row.presence.rawValue }),
                \(rows.map { $0.row.lastBeat }), \(rows.map { $0.due })
            ) as new (tenant_id, agent_id, state, last_beat_time, due_time)
            where presence.tenant_id = new.tenant_id and presence.agent_id = new.agent_id
            """)
    }

    /// Whether heartbeats count from now on; who does not count is offline at once.
    /// - Returns: what he was.
    func setCounted(_ counted: Bool, _ key: AgentKey) async throws -> Presence? {
        try await transaction.query(
            """
            with was as (
                select tenant_id, agent_id, state
                from routing.presence
                where tenant_id = \(key.tenantID) and agent_id = \(key.agent)
                for update
            ), changed as (
                update routing.presence
                set counted = \(counted), state = case when \(counted) then was.state else 'offline' end,
                    due_time = case when \(counted) then due_time end
                from was
                where presence.tenant_id = was.tenant_id and presence.agent_id = was.agent_id
            )
            select state from was
            """
        ).only.map { try Presence(stored: $0.decode(String.self)) }
    }

    /// When the next one changes by itself.
    func nextDue() async throws -> Instant? {
        try await transaction.query("select min(due_time) from routing.presence")[0].decode(Instant?.self)
    }
}

extension PresenceRow {
    fileprivate init(row: Row) throws {
        self.init(
            key: AgentKey(tenantID: try row["tenant_id"], agent: try row["agent_id"]),
            presence: try Presence(stored: row["state"]), lastBeat: try row["last_beat_time"], isBot: try row["bot"])
    }
}
