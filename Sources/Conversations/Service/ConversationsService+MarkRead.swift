import ConversationsV1
import GRPC
import ServiceRuntime

// MarkRead: the caller's mark; unread and attention follow the assignee's alone (C19).
extension ConversationsService {
    func markRead(_ request: MarkReadRequest, _ context: ServerContext) async throws -> MarkReadResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let id = violations.id(request.conversationID, "conversation_id")
            violations.require(request.upToSeq >= 0, "up_to_seq", "is negative")
            try violations.check()
            _ = try work.caller.viewer
            var (conversation, account) = try await work.locked(id)
            try await work.markRead(&conversation, upTo: request.upToSeq, over: account)
            return MarkReadResponse(conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }
}

extension Work {
    /// - Parameter upTo: 0: everything.
    func markRead(_ conversation: inout Conversation, upTo: Int32, over account: ChannelAccount) async throws {
        let agent = try caller.viewer.agentID
        if upTo > conversation.lastSeq { throw Failure.invalid("up_to_seq", "is beyond the last message") }
        let seq = upTo == 0 ? conversation.lastSeq : upTo
        store.mark(conversation.id, of: agent, seq: seq)
        guard agent == conversation.assigneeID else { return }
        let before = conversation
        conversation.readSeq = max(conversation.readSeq, seq)
        conversation.attention = false
        conversation.unread = try await store.unread(in: conversation.id, after: conversation.readSeq)
        guard conversation.readSeq != before.readSeq || before.attention else { return }
        try await append(.read, before: before, conversation, by: caller.actor)
        try await save(&conversation, over: account)
    }
}
