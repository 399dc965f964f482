import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// WarnOfSla: a time that the ticket promises is about to pass (C50).
extension ConversationsService {
    func warnOfSla(_ request: WarnOfSlaRequest, _ context: ServerContext) async throws -> WarnOfSlaResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            // Locked, so that who is told, and what the event says of it, holds when it is told.
            let (conversation, _) = try await work.locked(try Self.id(request.conversationID))
            if !conversation.state.isClosed { try await work.tellResponsible(.slaWarning, of: conversation) }
            return WarnOfSlaResponse()
        }
    }
}
