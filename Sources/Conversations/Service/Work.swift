import ConversationsV1
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import WallTime

/// One call's work inside its transaction: the rows, the caller, and one product time for everything that happens in it.
struct Work: Sendable {
    let surroundings: Surroundings
    let caller: Caller
    var directory: Directory
    let transaction: Transaction
    let now: Instant

    init(_ surroundings: Surroundings, _ caller: Caller, _ directory: Directory, _ transaction: Transaction, now: Instant) {
        self.surroundings = surroundings
        self.caller = caller
        self.directory = directory
        self.transaction = transaction
        self.now = now
    }

    var tenantID: UUID { caller.tenantID }
    var store: ConversationStore { ConversationStore(transaction: transaction, tenantID: tenantID) }
}

extension Work {
    /// A conversation the caller may read.
    func readable(_ id: UUID) async throws -> Conversation {
        guard let conversation = try await store.conversation(id) else { throw ConversationsError.conversationNotFound }
        guard caller.reads(conversation) else { throw ConversationsError.outOfScope }
        return conversation
    }

    /// A conversation the caller may read, locked for a change, and the account it runs over.
    func locked(_ id: UUID) async throws -> (Conversation, ChannelAccount) { try changeable(await store.locked(id)) }

    /// What was found to be changed, if the caller may read it; a bot, only where it serves.
    func changeable(_ found: (Conversation, ChannelAccount)?) throws -> (Conversation, ChannelAccount) {
        let found = try readable(found)
        try requireOwnBot(found.1)
        return found
    }

    /// What was found, if the caller may read it.
    func readable(_ found: (Conversation, ChannelAccount)?) throws -> (Conversation, ChannelAccount) {
        guard let found else { throw ConversationsError.conversationNotFound }
        guard caller.reads(found.0) else { throw ConversationsError.outOfScope }
        return found
    }

    /// The account a conversation runs over; rows refer to it, so it is there.
    func account(of conversation: Conversation) async throws -> ChannelAccount {
        guard let account = try await store.account(conversation.channelAccountID) else {
            throw ConversationsError.channelAccountNotFound
        }
        return account
    }

    /// Rows as the contract writes them; each runs over an account, whose row is there as long as it is.
    func wired(_ conversations: [Conversation]) async throws -> [ConversationsV1.Conversation] {
        let rules = try await store.rules(of: conversations)
        return conversations.compactMap { conversation in
            rules[conversation.channelAccountID].map { wire.conversation(conversation, rules: $0) }
        }
    }

    func agentName(_ id: UUID?) -> String { directory.agentName(id) }

    func departmentName(_ id: UUID?) -> String { directory.departmentName(id) }

    /// Stores what changed, and with it the new etag, what reports count of it, and the timers that follow from it.
    func save(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        count(&conversation)
        store.update(conversation)
        conversation.version += 1
        try await setTimers(&conversation, over: account)
    }
}
