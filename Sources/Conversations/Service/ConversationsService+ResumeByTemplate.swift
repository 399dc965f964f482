import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// ResumeByTemplate: an expired conversation goes on by a template, or one that awaits its reply gets another (S39, S40, C37).
extension ConversationsService {
    func resumeByTemplate(_ request: ResumeByTemplateRequest, _ context: ServerContext) async throws
        -> ResumeByTemplateResponse
    {
        try surroundings.checkRequired(request)
        var violations = Violations()
        let id = violations.id(request.conversationID, "conversation_id")
        let patience = violations.patience(request.autoCloseAfter.map { Swift.Duration($0) }, "auto_close_after")
        let wish = violations.template(request.template ?? TemplateUse(), "template")
        try violations.check()
        if let answer: ResumeByTemplateResponse = try await surroundings.answered(request, \.requestID, context) {
            return answer
        }
        let reader = try await surroundings.read(context) { work in
            _ = try work.caller.viewer
            let conversation = try await work.readable(id)
            return TemplateReader(conversation.contactID, try await work.account(of: conversation), work)
        }
        let account = reader.account
        if account.disabled { throw ConversationsError.channelDisabled }
        guard account.rules.businessResume == .template else { throw ConversationsError.resumeNotAllowed }
        let rendered = try await surroundings.render(wish, for: reader)
        return try await surroundings.write(request, \.requestID, context) { work in
            let version = try ETag.expectedVersion(request.etag)
            var (conversation, account) = try await work.locked(id)
            let before = conversation
            let step = Step(.resumeByTemplate, .pending, note: "template", expectedVersion: version)
            let resumes = try await work.agent(takes: step, on: &conversation, over: account)
            if !resumes, let version, version != conversation.version { throw Failure.etagMismatch }
            let (message, _) = try await work.send(rendered, in: &conversation, over: account)
            conversation.awaited = AwaitedReply(
                messageID: message.id, patience: patience, resumes: resumes || before.awaited?.resumes ?? true)
            // The clock starts anew when the provider takes this one.
            (conversation.autoClose, conversation.resumeExpires) = (nil, nil)
            try await work.append(.messageAdded, before: before, conversation, by: message.author, message: message.id)
            try await work.save(&conversation, over: account)
            return ResumeByTemplateResponse(conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }
}
