import FoundationEssentials
import Postgres
import ServiceRuntime

// What a bot does not answer is given to people (C44).
extension Work {
    /// A bot that is known to be gone gets no time to answer.
    func leaveAbsentBot(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        guard conversation.state == .automated, let bot = account.botID, directory.isOffline(bot: bot) else { return }
        try await leaveBot(&conversation, because: "bot_offline", over: account)
    }

    /// Into the queue of its own department, or of the default one. What the account directs the bot to is the bot's to use: one
    /// that is silent has said nothing.
    func leaveBot(
        _ conversation: inout Conversation, because reason: String, over account: ChannelAccount
    ) async throws {
        let department = directory.department(continued: conversation.departmentID, account: account.departmentID)
        let step = Step(.botTimeout, .queued, department: department, note: reason)
        try await system(.system, takes: step, on: &conversation, over: account)
    }

    /// What is said in the name of a bot's account, and by nobody else's bot.
    func requireOwnBot(_ account: ChannelAccount) throws {
        guard caller.isBot, let bot = account.botID else { return }
        guard bot.text == caller.actor.id else { throw ConversationsError.outOfScope }
    }
}

extension ConversationStore {
    /// What a bot has, after an id.
    func automated(by bot: UUID, after last: UUID?, limit: Int) async throws -> [UUID] {
        try await transaction.query(
            """
            select conversation_id
            from conversations.conversation
            join conversations.channel_account using (tenant_id, channel_account_id)
            where tenant_id = \(tenantID) and bot_id = \(bot) and state = 'automated'
                and (\(last)::uuid is null or conversation_id > \(last))
            order by conversation_id
            limit \(limit)
            """
        ).map { try $0.decode(UUID.self) }
    }
}
