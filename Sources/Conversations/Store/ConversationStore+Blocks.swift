import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    /// Blocks an address; of two, the later says why.
    func block(_ address: String, account: UUID, reason: String, spam: Bool, by agent: UUID, at now: Instant) async throws {
        try await transaction.query(
            """
            insert into conversations.blocked_address
                (tenant_id, channel_account_id, customer_address, reason, spam, agent_id, block_time)
            values (\(tenantID), \(account), \(address), \(reason), \(spam), \(agent), \(now))
            on conflict (tenant_id, channel_account_id, customer_address) do update
            set reason = excluded.reason, spam = excluded.spam, agent_id = excluded.agent_id, block_time = excluded.block_time
            """)
    }

    /// - Returns: whether it was blocked.
    func unblock(_ address: String, account: UUID) async throws -> Bool {
        try await transaction.query(
            """
            delete from conversations.blocked_address
            where tenant_id = \(tenantID) and channel_account_id = \(account) and customer_address = \(address)
            """
        ).affected == 1
    }

    func isBlocked(_ address: String, account: UUID) async throws -> Bool {
        try await transaction.query(
            """
            select exists (
                select from conversations.blocked_address
                where tenant_id = \(tenantID) and channel_account_id = \(account) and customer_address = \(address)
            )
            """
        ).only?.decode(Bool.self) ?? false
    }

    /// The conversation that keeps what a blocked address writes: the latest that was blocked, locked.
    func lockedBlocked(_ address: String, account: UUID) async throws -> Conversation? {
        try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and channel_account_id = \(account) and customer_address = \(address)
                and state = 'closed' and blocked
            order by create_time desc, conversation_id desc
            limit 1
            for update
            """
        ).map(Conversation.init(row:)).first
    }
}
