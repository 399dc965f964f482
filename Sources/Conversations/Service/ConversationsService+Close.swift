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
                    if !conversation.state.isClosed, !conversation.missingOnClose.isEmpty {
                        throw ConversationsError.missingOnClose(conversation.missingOnClose)
                    }
                    conversation.outcome = conversation.state.isClosed ? conversation.outcome : request.outcome
                    let step = Step(.close, .closed, note: request.outcome, expectedVersion: version)
                    try await work.agent(takes: step, on: &conversation, over: account)
                })
        }
    }
}
