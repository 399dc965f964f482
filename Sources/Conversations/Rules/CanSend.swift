import WallTime

/// What a message is, as far as sending rules ask.
enum MessageKind: String, CaseIterable, Sendable {
    case text, attachment, template, sticker, location
    case contactCards = "contact_cards"
    case choice, reaction, system, unsupported, note
}

/// A message about to be sent.
struct Draft: Hashable, Sendable {
    struct File: Hashable, Sendable {
        var kind: AttachmentKind
        var bytes: Int32
    }

    var kind: MessageKind
    var text = ""
    var files: [File] = []
    /// It quotes another message.
    var quotes = false
    var byBot = false
}

/// Why a message may not be sent.
enum SendRefusal: Hashable, Sendable {
    case channelDisabled
    case conversationClosed
    case windowClosed
    case awaitingReply
    case templateNotAllowed
    case kindNotAllowed(MessageKind)
    case quoteNotAllowed
    case attachmentNotAllowed(AttachmentKind)
    case attachmentTooLarge(AttachmentKind, bytesMax: Int32)
    case textTooLong(max: Int)
}

/// C48: the one rule that answers CanSend and guards SendMessage. It judges channel, time, state and content; whose
/// conversation it is, is the transition table's question.
struct CanSend: Sendable {
    var rules: ChannelRules
    var disabled: Bool
    var state: ConversationState
    var window: ReplyWindow
    var now: Instant

    /// The same rule for a message that was accepted before: what was awaited or closed since does not stop it, what is shut does
    /// (C48).
    var atHandover: CanSend {
        var rule = self
        if state.isClosed || state == .pending(.awaitingReply) { rule.state = .open }
        return rule
    }

    /// Free-form messages at all; `nil`: yes.
    func freeForm(byBot: Bool = false) -> SendRefusal? {
        if disabled { return .channelDisabled }
        switch state {
        case .closed: return .conversationClosed
        case .expired: return .windowClosed
        case .pending(.awaitingReply): return .awaitingReply
        case .automated, .queued, .offered, .open, .pending: break
        }
        return window.isOpen(at: now, length: rules.window(bot: byBot)) ? nil : .windowClosed
    }

    /// A template, inside and outside the window.
    func template() -> SendRefusal? {
        if disabled { return .channelDisabled }
        if state.isClosed { return .conversationClosed }
        return rules.businessResume == .template ? nil : .templateNotAllowed
    }

    /// This message; `nil`: yes.
    func refusal(of draft: Draft) -> SendRefusal? {
        if draft.kind == .template { return template() }
        if let refusal = freeForm(byBot: draft.byBot) { return refusal }
        if !kinds.contains(draft.kind) { return .kindNotAllowed(draft.kind) }
        if draft.quotes, draft.kind != .reaction, !rules.quotes { return .quoteNotAllowed }
        if let limit = rules.textLimit, !limit.allows(draft.text) { return .textTooLong(max: limit.max) }
        for file in draft.files {
            if let refusal = refusal(of: file) { return refusal }
        }
        return nil
    }

    /// A file, by its kind and size.
    func refusal(of file: Draft.File) -> SendRefusal? {
        guard let rule = rules.attachments[file.kind], rule.permission != .rejected else {
            return .attachmentNotAllowed(file.kind)
        }
        return file.bytes > rule.bytesMax ? .attachmentTooLarge(file.kind, bytesMax: rule.bytesMax) : nil
    }

    /// Kinds of free-form message the channel carries from us.
    var kinds: [MessageKind] {
        var kinds: [MessageKind] = [.text]
        if rules.attachments.values.contains(where: { $0.permission != .rejected }) { kinds.append(.attachment) }
        if rules.cards { kinds += [.location, .contactCards] }
        if rules.reactions { kinds.append(.reaction) }
        return kinds
    }

    /// What is left of the window; `nil` where there is none.
    var windowRemaining: Duration? {
        guard let expires = window.expireTime(length: rules.window(bot: false)) else { return nil }
        return max(.zero, now.duration(to: expires))
    }
}

extension MessageKind {
    /// Turns the conversation to the agent and counts as unread (CHANNELS 2.2: not reaction, not system).
    var takesTurn: Bool {
        switch self {
        case .text, .attachment, .sticker, .location, .contactCards, .choice, .unsupported: true
        case .template, .reaction, .system, .note: false
        }
    }
}
