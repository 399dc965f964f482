import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    /// What an agent has that is not closed, after an id.
    func notClosed(of agent: UUID, after last: UUID?, limit: Int) async throws -> [UUID] {
        try await transaction.query(
            """
            select conversation_id
            from conversations.conversation
            where tenant_id = \(tenantID) and assignee_id = \(agent) and state <> 'closed'
                and (\(last)::uuid is null or conversation_id > \(last))
            order by conversation_id
            limit \(limit)
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// What a department has that is not closed, after an id.
    func notClosed(in department: UUID, after last: UUID?, limit: Int) async throws -> [UUID] {
        try await transaction.query(
            """
            select conversation_id
            from conversations.conversation
            where tenant_id = \(tenantID) and department_id = \(department) and state <> 'closed'
                and (\(last)::uuid is null or conversation_id > \(last))
            order by conversation_id
            limit \(limit)
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// What comes in over a department's accounts is its successor's, and so is what their bots hand off.
    func moveAccounts(of department: UUID, to successor: UUID?, at now: Instant) async throws {
        try await transaction.query(
            """
            update conversations.channel_account
            set department_id = case when department_id = \(department) then \(successor) else department_id end,
                bot_department_id = case when bot_department_id = \(department) then \(successor) else bot_department_id end,
                update_time = \(now), version = version + 1
            where tenant_id = \(tenantID) and \(department) in (department_id, bot_department_id)
            """)
    }
}
