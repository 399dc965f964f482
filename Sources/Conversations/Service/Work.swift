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
    func locked(_ id: UUID) async throws -> (Conversation, ChannelAccount) {
        guard let (conversation, account) = try await store.locked(id) else { throw ConversationsError.conversationNotFound }
        guard caller.reads(conversation) else { throw ConversationsError.outOfScope }
        try requireOwnBot(account)
        return (conversation, account)
    }

    /// The account a conversation runs over; rows refer to it, so it is there.
    func account(of conversation: Conversation) async throws -> ChannelAccount {
        guard let account = try await store.account(conversation.channelAccountID) else {
            throw ConversationsError.channelAccountNotFound
        }
        return account
    }

    func agentName(_ id: UUID?) -> String { directory.agentName(id) }

    func departmentName(_ id: UUID?) -> String { directory.departmentName(id) }

    /// Stores what changed, and with it the new etag and the timers that follow from it.
    func save(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        store.update(conversation)
        conversation.version += 1
        try await setTimers(&conversation, over: account)
    }
}
