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
            let agent = try work.caller.viewer.agentID
            var (conversation, _) = try await work.locked(id)
            if request.upToSeq > conversation.lastSeq { throw Failure.invalid("up_to_seq", "is beyond the last message") }
            let seq = request.upToSeq == 0 ? conversation.lastSeq : request.upToSeq
            work.store.mark(id, of: agent, seq: seq)
            if agent == conversation.assigneeID {
                let before = conversation
                conversation.readSeq = max(conversation.readSeq, seq)
                conversation.attention = false
                conversation.unread = try await work.store.unread(in: id, after: conversation.readSeq)
                if conversation.readSeq != before.readSeq || before.attention {
                    try await work.append(.read, before: before, conversation, by: work.caller.actor)
                    work.save(&conversation)
                }
            }
            return MarkReadResponse(conversation: work.wire.conversation(conversation))
        }
    }
}
