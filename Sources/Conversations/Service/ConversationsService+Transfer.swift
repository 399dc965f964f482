import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// Transfer (S26-S29, C20).
extension ConversationsService {
    func transfer(_ request: TransferRequest, _ context: ServerContext) async throws -> TransferResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            violations.text(request.reason, "reason", 0...500)
            _ = violations.id(request.conversationID, "conversation_id")
            switch request.target {
            case nil: violations.add("target", "is required", reason: "REQUIRED")
            case .agentID(let text): _ = violations.id(text, "agent_id")
            case .departmentID(let text): _ = violations.id(text, "department_id")
            }
            try violations.check()
            return TransferResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    var step = try Self.step(to: request.target, from: conversation, in: work)
                    step.note = request.reason
                    step.force = request.force
                    step.expectedVersion = version
                    try await work.agent(takes: step, on: &conversation, over: account)
                    conversation.transferReason = request.reason
                })
        }
    }

    private static func step(
        to target: TransferRequest.Target?, from conversation: Conversation, in work: Work
    ) throws -> Step {
        switch target {
        case .departmentID(let text):
            guard let id = UUID(id: text), work.directory.department(id, of: work.tenantID) != nil else {
                throw ConversationsError.departmentNotFound
            }
            return Step(.transferToDepartment, .transferred, department: id)
        case .none: throw Failure.invalid("target", "is required", reason: "REQUIRED")
        case .agentID(let text):
            guard let id = UUID(id: text), work.directory.agent(id, of: work.tenantID) != nil else {
                throw ConversationsError.agentNotFound
            }
            if id == conversation.assigneeID { throw ConversationsError.transferToSelf }
            // What has not started yet would be an offer; offers come with routing.
            if [.automated, .queued, .offered].contains(conversation.state) {
                throw Failure.unimplemented("offering a conversation to an agent")
            }
            return Step(.transferToAgent, .transferred, target: id)
        }
    }
}
