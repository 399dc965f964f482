import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// BlockAddress and UnblockAddress (C53).
extension ConversationsService {
    func blockAddress(_ request: BlockAddressRequest, _ context: ServerContext) async throws -> BlockAddressResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            violations.text(request.reason, "reason", 1...500)
            try violations.check()
            return BlockAddressResponse(
                conversation: try await step(request, request.conversationID, etag: "", in: work) {
                    conversation, account, _ in
                    try await work.agent(
                        takes: Step(.block, .closed, note: request.reason), on: &conversation, over: account)
                    conversation.blocked = true
                    conversation.spam = conversation.spam || request.spam
                    try await work.store.block(
                        conversation.address, account: account.id, reason: request.reason, spam: request.spam,
                        by: try work.caller.viewer.agentID, at: work.now)
                    try await work.append(.blocked, before: conversation, conversation, by: work.caller.actor)
                    work.audit(conversation.id.text)
                })
        }
    }

    func unblockAddress(_ request: UnblockAddressRequest, _ context: ServerContext) async throws -> UnblockAddressResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            UnblockAddressResponse(
                conversation: try await step(request, request.conversationID, etag: "", in: work) {
                    conversation, account, _ in
                    let was = try await work.store.unblock(conversation.address, account: account.id)
                    guard was || conversation.blocked else { return }
                    let before = conversation
                    (conversation.blocked, conversation.spam) = (false, false)
                    conversation.updated = work.now
                    try await work.tell(
                        .blocked, before: before, &conversation, by: work.caller.actor, note: "unblocked")
                    work.audit(conversation.id.text)
                })
        }
    }
}
