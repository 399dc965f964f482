import FoundationEssentials
import Postgres

/// What an agent carries.
struct AgentSlot: Sendable {
    var agentID: UUID
    var pool: SlotPool
    var load: Int32
    var loadMax: Int32
}

extension ConversationStore {
    /// Gives a slot back.
    func release(_ agent: UUID, _ pool: SlotPool, weight: Int32) async throws {
        try await transaction.query(
            """
            update conversations.agent_slot
            set load = load - \(weight)
            where tenant_id = \(tenantID) and agent_id = \(agent) and pool = \(pool.rawValue)
            """)
    }

    /// Takes a slot, if the limit leaves room for it: the comparison and the change are one step, so however many take at
    /// once, the load never passes the limit (guarantee 2).
    /// - Parameter force: operators and admins may pass the limit (C11).
    func take(_ agent: UUID, _ pool: SlotPool, weight: Int32, force: Bool) async throws -> Bool {
        try await transaction.query(
            """
            update conversations.agent_slot
            set load = load + \(weight)
            where tenant_id = \(tenantID) and agent_id = \(agent) and pool = \(pool.rawValue)
                and (\(force) or load + \(weight) <= load_max)
            """
        ).affected == 1
    }

    /// Holds an agent's slots until the transaction ends.
    func lockSlot(_ agent: UUID) async throws {
        try await transaction.query(
            """
            select pool
            from conversations.agent_slot
            where tenant_id = \(tenantID) and agent_id = \(agent)
            order by pool
            for update
            """)
    }

    func slot(_ agent: UUID, _ pool: SlotPool) async throws -> AgentSlot? {
        try await transaction.query(
            """
            select agent_id, pool, load, load_max
            from conversations.agent_slot
            where tenant_id = \(tenantID) and agent_id = \(agent) and pool = \(pool.rawValue)
            """
        ).map(AgentSlot.init(row:)).only
    }

    /// Slots after (agent, pool), in that order.
    func slots(of agents: [UUID], after: (agent: UUID, pool: String)?, limit: Int) async throws -> [AgentSlot] {
        try await transaction.query(
            """
            select agent_id, pool, load, load_max
            from conversations.agent_slot
            where tenant_id = \(tenantID)
                and (cardinality(\(agents)::uuid[]) = 0 or agent_id = any(\(agents)))
                and (\(after == nil) or (agent_id, pool) > (\(after?.agent), \(after?.pool ?? "")))
            order by agent_id, pool
            limit \(limit)
            """
        ).map(AgentSlot.init(row:))
    }

    /// Makes an agent's slots, or moves their limits; what he carries stays.
    func setLimits(of agent: UUID, chat: Int32, email: Int32) async throws {
        try await transaction.query(
            """
            insert into conversations.agent_slot (tenant_id, agent_id, pool, load_max)
            select \(tenantID), \(agent), wanted.pool, wanted.load_max
            from (values ('chat', \(chat)), ('email', \(email))) as wanted (pool, load_max)
            -- Who only comes and goes keeps nobody waiting for his slots.
            where not exists (
                select from conversations.agent_slot slot
                where slot.tenant_id = \(tenantID) and slot.agent_id = \(agent) and slot.pool = wanted.pool
                    and slot.load_max = wanted.load_max
            )
            on conflict (tenant_id, agent_id, pool) do update set load_max = excluded.load_max
            """)
    }
}

extension AgentSlot {
    fileprivate init(row: Row) throws {
        agentID = try row["agent_id"]
        pool = try row.word("pool")
        load = try row["load"]
        loadMax = try row["load_max"]
    }
}

extension Array {
    /// The only element, or `nil`.
    fileprivate var only: Element? { count == 1 ? self[0] : nil }
}
