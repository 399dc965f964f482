import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// Transfer (S26-S29, C20).
extension ConversationsService {
    func transfer(_ request: TransferRequest, _ context: ServerContext) async throws -> TransferResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            _ = violations.id(request.conversationID, "conversation_id")
            let transfer = Handover(request, &violations)
            try violations.check()
            return TransferResponse(
                conversation: try await step(request, request.conversationID, etag: request.etag, in: work) {
                    conversation, account, version in
                    try await work.transfer(&conversation, transfer, version, over: account)
                })
        }
    }
}

/// Who receives a conversation, and what he is told.
struct Handover: Sendable {
    enum Target: Sendable {
        case agent(UUID)
        case department(UUID)
    }

    var target: Target?
    var reason: String
    var force: Bool

    /// - Parameter path: of the request inside another one.
    init(_ request: TransferRequest, _ violations: inout Violations, under path: String = "") {
        reason = violations.text(request.reason, "\(path)reason", 0...500)
        force = request.force
        switch request.target {
        case nil: violations.add("\(path)target", "is required", reason: "REQUIRED")
        case .agentID(let text): target = .agent(violations.id(text, "\(path)agent_id"))
        case .departmentID(let text): target = .department(violations.id(text, "\(path)department_id"))
        }
    }
}

extension Work {
    func transfer(
        _ conversation: inout Conversation, _ handover: Handover, _ version: Int64?, over account: ChannelAccount
    ) async throws {
        let before = (conversation.departmentID, conversation.assigneeID)
        let step: Step
        switch handover.target {
        case .department(let id):
            guard directory.department(id) != nil else { throw ConversationsError.departmentNotFound }
            step = Step(
                .transferToDepartment, .transferred, department: id, note: handover.reason, force: handover.force,
                expectedVersion: version)
        case .agent(let id):
            step = try handing(
                conversation, to: id, note: handover.reason, force: handover.force, expectedVersion: version)
        case nil: throw Failure.invalid("target", "is required", reason: "REQUIRED")
        }
        try await agent(takes: step, on: &conversation, over: account)
        conversation.transferReason = handover.reason
        // Back into the own queue is nothing to the customer.
        let goesToSomebody = conversation.assigneeID != nil && conversation.assigneeID != before.1
        if goesToSomebody || conversation.departmentID != before.0 {
            try await reply(.transferred, in: &conversation, over: account)
        }
    }
}
