import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// CheckHandover: the last look before a message goes to its provider (C48).
extension ConversationsService {
    func checkHandover(_ request: CheckHandoverRequest, _ context: ServerContext) async throws -> CheckHandoverResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            var violations = Violations()
            let id = violations.id(request.messageID, "message_id")
            try violations.check()
            guard let found = try await work.store.messages([id]).first, found.direction == .outbound,
                let (locked, account) = try await work.store.locked(found.conversationID)
            else { throw ConversationsError.messageNotFound }
            var conversation = locked
            var refusal: SendRefusal?
            if found.delivery == .accepted {
                refusal = try await work.handoverRefusal(of: found, in: conversation, over: account)
                if let refusal {
                    let error = ConversationsError(refusal, window: conversation.window, rules: account.rules)
                    let report = DeliveryReport(time: work.now, reason: error.failure.reason)
                    _ = try await work.move(found, to: .failed, report, in: &conversation, over: account)
                }
            }
            let now = try await work.store.messages([id])
            return CheckHandoverResponse(
                allowed: found.delivery == .accepted && refusal == nil, reason: now.first?.failureReason ?? "",
                message: try await work.withFiles(now) { work.wire.message($0, $1) }.first)
        }
    }
}
