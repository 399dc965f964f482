import ConversationsV1
import FoundationEssentials
import GRPC
import Protobuf
import ServiceRuntime
import WallTime

// SendMessage: guarded by the table and by CanSend (C5, C48, C54).
extension ConversationsService {
    static let attachmentsMax = 10
    /// Our own bound where the channel has none.
    static let textMax = 100_000

    func sendMessage(_ request: SendMessageRequest, _ context: ServerContext) async throws -> SendMessageResponse {
        try await surroundings.write(request, \.requestID, context) { work in
            let parsed = try Sent(request)
            let version = try ETag.expectedVersion(request.etag)
            var (conversation, account) = try await work.locked(parsed.conversationID)
            if parsed.kind == .template { throw Failure.unimplemented("sending a template") }
            try await checkUnanswered(request, conversation, work)
            let before = conversation
            try await start(request, &conversation, account, version, work)
            let files = try await files(parsed.attachmentIDs, conversation, work)
            try check(parsed, files, conversation, account, work)
            try await checkQuoted(parsed.replyTo, conversation, work)
            let message = try await append(parsed, files, to: &conversation, afterSeq: request.afterSeq, work)
            try await work.append(.messageAdded, before: before, conversation, by: message.author, message: message.id)
            work.save(&conversation)
            return SendMessageResponse(
                message: work.wire.message(message, files),
                conversation: work.wire.conversation(conversation, rules: account.rules))
        }
    }

    /// The table's step: an answer in an open one, or the accept that comes with it.
    private func start(
        _ request: SendMessageRequest, _ conversation: inout Conversation, _ account: ChannelAccount, _ version: Int64?,
        _ work: Work
    ) async throws {
        let onReply = work.directory.department(conversation.departmentID, of: work.tenantID)?.acceptsOnReply ?? false
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

    /// Files the sender uploaded, or that the conversation has already.
    private func files(_ ids: [UUID], _ conversation: Conversation, _ work: Work) async throws -> [Attachment] {
        let found = try await work.store.attachments(ids)
        return try ids.map { id in
            guard let file = found.first(where: { $0.id == id }), file.channelAccountID == conversation.channelAccountID,
                file.conversationID == conversation.id || (file.conversationID == nil && file.uploader == work.caller.identity)
            else { throw ConversationsError.attachmentNotFound }
            return file
        }
    }

    private func check(
        _ sent: Sent, _ files: [Attachment], _ conversation: Conversation, _ account: ChannelAccount, _ work: Work
    ) throws {
        let rule = CanSend(
            rules: account.rules, disabled: account.disabled, state: conversation.state, window: conversation.window,
            now: work.now)
        let draft = Draft(
            kind: sent.kind, text: sent.text, files: files.map { Draft.File(kind: $0.kind, bytes: $0.bytes) },
            quotes: sent.replyTo != nil)
        if let refusal = rule.refusal(of: draft) {
            throw ConversationsError(refusal, window: conversation.window, rules: account.rules)
        }
    }

    private func checkQuoted(_ id: UUID?, _ conversation: Conversation, _ work: Work) async throws {
        guard let id else { return }
        guard let quoted = try await work.store.messages([id]).first, quoted.conversationID == conversation.id else {
            throw ConversationsError.messageNotFound
        }
    }

    /// Appends the message and moves the sender's read mark: what he answers, he has read.
    private func append(
        _ sent: Sent, _ files: [Attachment], to conversation: inout Conversation, afterSeq: Int32, _ work: Work
    ) async throws -> Message {
        let onWebChat = conversation.channel == .webchat
        let message = Message(
            id: .v7(at: work.now), conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .outbound,
            kind: sent.kind, author: work.caller.actor, text: sent.text, content: sent.content, replyTo: sent.replyTo,
            attachmentIDs: files.map(\.id), created: work.now, delivery: onWebChat ? .sent : .accepted, deliveryTime: work.now)
        try await work.bind(files, to: conversation)
        work.store.insert(message)
        let seen = afterSeq > 0 ? min(afterSeq, conversation.lastSeq) : conversation.lastSeq
        conversation.humanWrote(seq: message.seq, line: work.line(of: message, files), at: work.now)
        conversation.readSeq = max(conversation.readSeq, seen)
        conversation.unread = try await work.store.unread(in: conversation.id, after: conversation.readSeq)
        if let agent = try? work.caller.viewer.agentID { work.store.mark(conversation.id, of: agent, seq: seen) }
        return message
    }
}

/// A message to send, parsed.
private struct Sent {
    var conversationID: UUID
    var kind: MessageKind
    var text: String
    var content: [UInt8]?
    var attachmentIDs: [UUID]
    var replyTo: UUID?

    init(_ request: SendMessageRequest) throws {
        var violations = Violations()
        conversationID = violations.id(request.conversationID, "conversation_id")
        text = violations.text(request.text, "text", 0...ConversationsService.textMax)
        attachmentIDs = request.attachmentIDs.enumerated().map { violations.id($1, "attachment_ids[\($0)]") }
        violations.require(
            attachmentIDs.count <= ConversationsService.attachmentsMax, "attachment_ids", "has more than 10 files")
        replyTo = violations.optionalID(request.replyToMessageID, "reply_to_message_id")
        violations.require(request.afterSeq >= 0, "after_seq", "is negative")
        kind = Self.kind(request)
        content = violations.content(request.content, "content")
        if let sent = request.content { violations.sent(sent, "content") }
        let isBlank = text.allSatisfy(\.isWhitespace)
        violations.require(
            request.content != nil || !isBlank || !attachmentIDs.isEmpty, "text", "or a file is required", reason: "REQUIRED")
        violations.require(
            request.content == nil || (isBlank && attachmentIDs.isEmpty), "content", "stands without text and files")
        if kind == .unsupported { violations.add("content", "is of a kind that cannot be sent") }
        if kind == .reaction { violations.require(replyTo != nil, "reply_to_message_id", "is required", reason: "REQUIRED") }
        try violations.check()
    }

    private static func kind(_ request: SendMessageRequest) -> MessageKind {
        switch request.content?.content {
        case .location: .location
        case .contactCards: .contactCards
        case .reaction: .reaction
        case .template: .template
        case .choice, .unsupportedKind: .unsupported
        case nil: request.text.allSatisfy(\.isWhitespace) ? .attachment : .text
        }
    }
}
