import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// RetryMessage: a failed message goes out again with the same text, once, under the rules of now (C48).
extension ConversationsService {
    func retryMessage(_ request: RetryMessageRequest, _ context: ServerContext) async throws -> RetryMessageResponse {
        try surroundings.checkRequired(request)
        var violations = Violations()
        let id = violations.id(request.conversationID, "conversation_id")
        let messageID = violations.id(request.messageID, "message_id")
        try violations.check()
        if let answer: RetryMessageResponse = try await surroundings.answered(request, \.requestID, context) { return answer }
        let rendered = try await rendered(messageID, in: id, context)
        return try await surroundings.write(request, \.requestID, context) { work in
            var (conversation, account) = try await work.locked(id)
            guard let failed = try await work.store.messages([messageID]).first, failed.conversationID == id else {
                throw ConversationsError.messageNotFound
            }
            guard failed.delivery == .failed, failed.retriedAs == nil else {
                throw ConversationsError.transitionNotAllowed(conversation.state, .send)
            }
            let before = conversation
            try await work.agent(takes: Step(.send, .accepted), on: &conversation, over: account)
            let sent = Sent(retrying: failed)
            var files = try await work.files(of: sent, in: conversation)
            try work.check(sent, files, conversation, account)
            let message: Message
            if let rendered {
                (message, files) = try await work.send(rendered, in: &conversation, over: account)
            } else {
                message = try await work.append(sent, files, to: &conversation)
            }
            try await work.store.markRetried(failed.id, as: message.id)
            conversation.failedMessage = try await work.store.hasFailedMessage(in: id)
            try await work.append(.messageAdded, before: before, conversation, by: message.author, message: message.id)
            try await work.save(&conversation, over: account)
            return RetryMessageResponse(message: work.wire.message(message, files))
        }
    }

    /// A template that failed is filled in anew: it may have changed since, and only an approved one goes out (guarantee 14).
    private func rendered(_ messageID: UUID, in id: UUID, _ context: ServerContext) async throws -> RenderedTemplate? {
        let found = try await surroundings.read(context) { work -> (TemplateUse, TemplateReader)? in
            let conversation = try await work.readable(id)
            guard let message = try await work.store.messages([messageID]).first, message.conversationID == id,
                let content = message.content, case .template(let use)? = try MessageContent(serialized: content).content
            else { return nil }
            return (use, TemplateReader(conversation.contactID, try await work.account(of: conversation), work))
        }
        guard let (use, reader) = found else { return nil }
        return try await surroundings.render(TemplateWish(use: use, field: "message_id"), for: reader)
    }
}
