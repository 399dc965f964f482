import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// WarnOfSla: a time that the ticket promises is about to pass (C50).
extension ConversationsService {
    func warnOfSla(_ request: WarnOfSlaRequest, _ context: ServerContext) async throws -> WarnOfSlaResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            let conversation = try await work.readable(try Self.id(request.conversationID))
            if !conversation.state.isClosed { try await work.tellResponsible(.slaWarning, of: conversation) }
            return WarnOfSlaResponse()
        }
    }
}
