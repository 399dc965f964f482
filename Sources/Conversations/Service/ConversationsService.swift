import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

/// Conversations over gRPC: one file per RPC or tight family. What is not here answers UNIMPLEMENTED.
struct ConversationsService: ConversationsServiceProtocol {
    let surroundings: Surroundings
}

extension ConversationsService {
    /// A change of one conversation by an agent's step: lock, decide, store, answer.
    func step<Request: Sendable>(
        _ request: Request, _ conversationID: String, etag: String, in work: Work,
        _ body: (inout Conversation, ChannelAccount, _ expectedVersion: Int64?) async throws -> Void
    ) async throws -> ConversationsV1.Conversation {
        var violations = Violations()
        let id = violations.id(conversationID, "conversation_id")
        try violations.check()
        let version = try ETag.expectedVersion(etag)
        var (conversation, account) = try await work.locked(id)
        let before = conversation.historyCount
        try await body(&conversation, account, version)
        if conversation.historyCount != before { try await work.save(&conversation, over: account) }
        return work.wire.conversation(conversation, rules: account.rules)
    }
}
