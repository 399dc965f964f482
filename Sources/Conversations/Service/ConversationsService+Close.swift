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
                    let ending = Ending(outcome: request.outcome, keepsTicket: request.keepTicket)
                    try await work.close(&conversation, ending, version, over: account)
                })
        }
    }
}

/// What an agent says of the end.
struct Ending: Sendable {
    /// Of the tenant's list (C47).
    var outcome: String
    /// C24: its ticket is not resolved by this.
    var keepsTicket: Bool
}

extension Work {
    /// C47: the outcome of what was no customer's matter; reports leave it out (C53).
    static let spamOutcome = "spam"

    /// An agent's close, or a bot's; an agent's is refused while fields that its ticket requires are empty (C24).
    func close(
        _ conversation: inout Conversation, _ ending: Ending, _ version: Int64?, over account: ChannelAccount
    ) async throws {
        try directory.checkOutcome(ending.outcome)
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
        if ending.outcome == Self.spamOutcome { conversation.spam = true }
        let step = Step(
            .close, .closed, note: ending.outcome, keepsTicket: ending.keepsTicket, expectedVersion: version)
        try await agent(takes: step, on: &conversation, over: account)
        conversation.outcome = ending.outcome
    }
}
