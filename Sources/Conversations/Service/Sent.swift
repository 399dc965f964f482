import ConversationsV1
import FoundationEssentials
import ServiceRuntime

/// A message to send, parsed.
struct Sent: Sendable {
    static let attachmentsMax = 10
    /// Our own bound where the channel has none.
    static let textMax = 100_000

    var conversationID: UUID
    var kind: MessageKind
    var text: String
    var content: [UInt8]?
    var attachmentIDs: [UUID]
    var replyTo: UUID?

    init(_ request: SendMessageRequest) throws {
        var violations = Violations()
        conversationID = violations.id(request.conversationID, "conversation_id")
        text = violations.text(request.text, "text", 0...Self.textMax)
        attachmentIDs = request.attachmentIDs.enumerated().map { violations.id($1, "attachment_ids[\($0)]") }
        violations.require(attachmentIDs.count <= Self.attachmentsMax, "attachment_ids", "has more than 10 files")
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

    /// The same as a message that failed.
    init(retrying message: Message) {
        (conversationID, kind, text, content) = (message.conversationID, message.kind, message.text, message.content)
        (attachmentIDs, replyTo) = (message.attachmentIDs, message.replyTo)
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

extension Work {
    /// Files the sender uploaded, or that the conversation has already.
    func files(of sent: Sent, in conversation: Conversation) async throws -> [Attachment] {
        try await files(sent.attachmentIDs, in: conversation)
    }

    func files(_ ids: [UUID], in conversation: Conversation) async throws -> [Attachment] {
        let found = try await store.attachments(ids)
        return try ids.map { id in
            guard let file = found.first(where: { $0.id == id }), file.channelAccountID == conversation.channelAccountID,
                file.conversationID == conversation.id || (file.conversationID == nil && file.uploader == caller.identity)
            else { throw ConversationsError.attachmentNotFound }
            return file
        }
    }

    /// The rule that guards what is sent (C48).
    func check(_ sent: Sent, _ files: [Attachment], _ conversation: Conversation, _ account: ChannelAccount) throws {
        let draft = Draft(
            kind: sent.kind, text: sent.text, files: files.map { Draft.File(kind: $0.kind, bytes: $0.bytes) },
            quotes: sent.replyTo != nil, byBot: caller.isBot)
        if let refusal = canSend(conversation, account).refusal(of: draft) {
            throw ConversationsError(refusal, window: conversation.window, rules: account.rules)
        }
    }

    /// Appends the message and moves the sender's read mark: what he answers, he has read.
    /// - Parameter afterSeq: the last number he saw; 0: everything.
    func append(
        _ sent: Sent, _ files: [Attachment], to conversation: inout Conversation, afterSeq: Int32 = 0
    ) async throws -> Message {
        let message = Message(
            id: .v7(at: now), conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .outbound,
            kind: sent.kind, author: caller.actor, text: sent.text, content: sent.content, replyTo: sent.replyTo,
            attachmentIDs: files.map(\.id), created: now, delivery: .first(on: conversation.channel), deliveryTime: now)
        try await bind(files, to: conversation)
        store.insert(message)
        if caller.isBot {
            conversation.botWrote(seq: message.seq, line: line(of: message, files), at: now)
            return message
        }
        let seen = afterSeq > 0 ? min(afterSeq, conversation.lastSeq) : conversation.lastSeq
        conversation.humanWrote(seq: message.seq, line: line(of: message, files), at: now)
        conversation.readSeq = max(conversation.readSeq, seen)
        conversation.unread = try await store.unread(in: conversation.id, after: conversation.readSeq)
        if let agent = try? caller.viewer.agentID { store.mark(conversation.id, of: agent, seq: seen) }
        return message
    }
}
