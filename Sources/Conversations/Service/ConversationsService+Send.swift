import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import WallTime

// SendMessage: guarded by the table and by CanSend (C5, C48, C54).
extension ConversationsService {
    func sendMessage(_ request: SendMessageRequest, _ context: ServerContext) async throws -> SendMessageResponse {
        try surroundings.checkRequired(request)
        var rendered: RenderedTemplate?
        if case .template(let use)? = request.content?.content {
            if let answer: SendMessageResponse = try await surroundings.answered(request, \.requestID, context) {
                return answer
            }
            rendered = try await render(use, of: request, context)
        }
        let parsed = try Sent(request)
        return try await surroundings.write(
            checked: request, \.requestID, context, groupedBy: parsed.conversationID.text,
            with: { $0.withAccount(parsed.conversationID, lock: "for update") }
        ) { [rendered] work, answers in
            let version = try ETag.expectedVersion(request.etag)
            var (conversation, account) = try work.changeable(try ConversationStore.withAccount(answers))
            try await checkUnanswered(request, conversation, work)
            let before = conversation
            try await start(request, &conversation, account, version, work)
            var files = try await work.files(of: parsed, in: conversation)
            try work.check(parsed, files, conversation, account)
            try await checkQuoted(parsed.replyTo, conversation, work)
            let message: Message
            if let rendered {
                (message, files) = try await work.send(rendered, in: &conversation, over: account)
            } else {
                message = try await work.append(parsed, files, to: &conversation, afterSeq: request.afterSeq)
            }
            try await work.append(.messageAdded, before: before, conversation, by: message.author, message: message.id)
            try await work.save(&conversation, over: account)
            return SendMessageResponse(
                message: work.wire.message(message, files),
                conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }

    private func render(
        _ use: TemplateUse, of request: SendMessageRequest, _ context: ServerContext
    ) async throws -> RenderedTemplate {
        let parsed = try Sent(request)
        let reader = try await surroundings.read(context) { work in
            let conversation = try await work.readable(parsed.conversationID)
            return TemplateReader(conversation.contactID, try await work.account(of: conversation), work)
        }
        guard reader.account.rules.businessResume == .template else {
            throw ConversationsError.messageKindNotAllowed(.template)
        }
        return try await surroundings.render(TemplateWish(use: use, field: "content.template"), for: reader)
    }

    /// The table's step: an answer in an open one, or the accept that comes with it.
    private func start(
        _ request: SendMessageRequest, _ conversation: inout Conversation, _ account: ChannelAccount, _ version: Int64?,
        _ work: Work
    ) async throws {
        let onReply = work.directory.department(conversation.departmentID)?.acceptsOnReply ?? false
        let accepts = request.accept || (onReply && [.queued, .offered].contains(conversation.state))
        let step = Step(accepts ? .sendAccepting : .send, .accepted, expectedVersion: version)
        if try await work.agent(takes: step, on: &conversation, over: account) { return }
        if let version, version != conversation.version { throw Failure.etagMismatch }
    }

    /// C54: the sender says what he had seen; a colleague's newer answer stops him.
    private func checkUnanswered(_ request: SendMessageRequest, _ conversation: Conversation, _ work: Work) async throws {
        guard request.afterSeq > 0 else { return }
        let answered = try await work.store.lastAnswer(in: conversation.id, notBy: work.caller.actor.id)
        if answered > request.afterSeq { throw ConversationsError.answeredMeanwhile(lastSeq: conversation.lastSeq) }
    }

    private func checkQuoted(_ id: UUID?, _ conversation: Conversation, _ work: Work) async throws {
        guard let id else { return }
        guard let quoted = try await work.store.messages([id]).first, quoted.conversationID == conversation.id else {
            throw ConversationsError.messageNotFound
        }
    }
}
