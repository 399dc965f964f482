import ConversationsV1
import GRPC
import GoogleProtobuf
import ServiceRuntime

// CanSend: the rule that guards SendMessage, asked beforehand (C48).
extension ConversationsService {
    func canSend(_ request: CanSendRequest, _ context: ServerContext) async throws -> CanSendResponse {
        try await surroundings.read(context) { work in
            var violations = Violations()
            let id = violations.id(request.conversationID, "conversation_id")
            try violations.check()
            let conversation = try await work.readable(id)
            let account = try await work.account(of: conversation)
            return Self.answer(
                CanSend(
                    rules: account.rules, disabled: account.disabled, state: conversation.state, window: conversation.window,
                    now: work.now), work.wire)
        }
    }

    private static func answer(_ rule: CanSend, _ wire: Wire) -> CanSendResponse {
        var answer = CanSendResponse()
        let refusal = rule.freeForm()
        answer.allowed = refusal == nil
        answer.reason = refusal.map { ConversationsError($0, window: rule.window, rules: rule.rules).failure.reason } ?? ""
        answer.templateAllowed = rule.template() == nil
        answer.windowRemaining = rule.windowRemaining.map { GoogleProtobuf.Duration($0) }
        answer.replyWindowExpireTime = rule.window.expireTime(length: rule.rules.window(bot: false)).map { Timestamp($0) }
        if refusal == nil {
            answer.kinds = rule.kinds.map(\.wire)
            answer.attachments = wire.attachmentRules(rule.rules).filter { $0.permission != .rejected }
        }
        answer.textMax = rule.rules.textLimit.map { Int32($0.max) } ?? 0
        answer.textMaxInBytes = rule.rules.textLimit?.unit == .bytes
        return answer
    }
}
