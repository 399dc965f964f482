import ConversationsV1
import GRPC
import ServiceRuntime

// Close: for good (C17).
extension ConversationsService {
    func close(_ request: CloseRequest, _ context: ServerContext) async throws -> CloseResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            violations.text(request.outcome, "outcome", 0...60)
            try violations.check()
            return CloseResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    try await work.close(&conversation, outcome: request.outcome, version, over: account)
                })
        }
    }
}

extension Work {
    /// C47: the outcome of what was no customer's matter; reports leave it out (C53).
    static let spamOutcome = "spam"

    /// An agent's close, or a bot's; an agent's is refused while fields that its ticket requires are empty (C24).
    func close(
        _ conversation: inout Conversation, outcome: String, _ version: Int64?, over account: ChannelAccount
    ) async throws {
        if !caller.isBot, !conversation.state.isClosed, !conversation.missingOnClose.isEmpty {
            throw ConversationsError.missingOnClose(conversation.missingOnClose)
        }
        let actor: TransitionActor =
            caller.isBot
            ? .bot : try caller.viewer.actor(department: conversation.departmentID, assignee: conversation.assigneeID)
        // Before it: afterwards nothing is sent. Where it is refused, nothing is said.
        if case .allowed = TransitionTable.decide(conversation.state, .close, by: actor) {
            try await reply(.closed, in: &conversation, over: account)
        }
        if outcome == Self.spamOutcome { conversation.spam = true }
        try await agent(
            takes: Step(.close, .closed, note: outcome, expectedVersion: version), on: &conversation, over: account)
        conversation.outcome = outcome
    }
}
