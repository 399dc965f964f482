import ConversationsV1
import GRPC

// Accept, Take and Intervene: an agent makes a conversation his. Decline: he does not.
extension ConversationsService {
    func accept(_ request: AcceptRequest, _ context: ServerContext) async throws -> AcceptResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            AcceptResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let step = Step(.accept, .accepted, force: request.force, expectedVersion: version)
                    try await work.agent(takes: step, on: &conversation, over: account)
                })
        }
    }

    func take(_ request: TakeRequest, _ context: ServerContext) async throws -> TakeResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            TakeResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let step = Step(.take, .accepted, force: request.force, expectedVersion: version)
                    try await work.agent(takes: step, on: &conversation, over: account)
                })
        }
    }

    func intervene(_ request: InterveneRequest, _ context: ServerContext) async throws -> InterveneResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            InterveneResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    let step = Step(.intervene, .accepted, force: request.force, expectedVersion: version)
                    try await work.agent(takes: step, on: &conversation, over: account)
                })
        }
    }

    func decline(_ request: DeclineRequest, _ context: ServerContext) async throws -> DeclineResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            DeclineResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    try await work.agent(
                        takes: Step(.decline, .queued, expectedVersion: version), on: &conversation, over: account)
                })
        }
    }
}
