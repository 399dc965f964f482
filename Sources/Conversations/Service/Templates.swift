import ConversationsV1
import FoundationEssentials
import ServiceRuntime

/// Where templates become text: the templates service, or a test's own. It refuses what no provider would take (C29).
protocol TemplateBook: Sendable {
    /// - Throws: `ConversationsError`, told of the field that the wish stands in.
    func render(_ wish: TemplateWish, on account: ChannelAccount, tenantID: UUID) async throws -> RenderedTemplate
}

/// A template that somebody wants to send, parsed.
struct TemplateWish: Sendable {
    var use: TemplateUse
    /// Where it stands in the request.
    var field: String
    /// Languages, BCP 47, that count where the request names none (C59): of whom it is for, then the tenant's. Those that nobody
    /// knows are left out.
    var locales: [String] = []
}

/// A template with its values, as it goes out.
struct RenderedTemplate: Sendable {
    /// What the customer reads.
    var text: String
    /// What was sent: the template that was chosen, and its language.
    var use: TemplateUse
    /// What its header carries; none: no file.
    var headerKinds: Set<AttachmentKind> = []
    /// It advertises: who does not want that is not sent it.
    var isMarketing = false
}

/// Whom a template is for.
struct TemplateReader: Sendable {
    var contactID: UUID
    var account: ChannelAccount
    var tenantID: UUID
    /// The tenant's language (C59).
    var tenantLocale: String
    /// The contact's; `nil`: it is asked for.
    var locale: String?

    init(_ contactID: UUID, _ account: ChannelAccount, _ work: Work) {
        (self.contactID, self.account, tenantID) = (contactID, account, work.tenantID)
        tenantLocale = work.directory.tenant?.locale ?? ""
    }
}

extension Surroundings {
    /// What advertises is sent to nobody who has declined it.
    static let marketing = "marketing"

    /// A template becomes text before anything is locked; what is wrong with it is known before anything is stored (C29).
    /// - Throws: CONSENT_MISSING for marketing that the contact does not want.
    func render(_ wish: TemplateWish, for reader: TemplateReader) async throws -> RenderedTemplate {
        var wish = wish
        if wish.use.language.isEmpty {
            var locale = reader.locale
            if locale == nil { locale = try await contacts.locale(of: reader.contactID, tenantID: reader.tenantID) }
            wish.locales = [locale ?? "", reader.tenantLocale].filter { !$0.isEmpty }
        }
        let rendered = try await templates.render(wish, on: reader.account, tenantID: reader.tenantID)
        if rendered.isMarketing { try await checkConsent(to: Self.marketing, of: reader) }
        return rendered
    }

    private func checkConsent(to purpose: String, of reader: TemplateReader) async throws {
        let consent = try await contacts.consent(
            to: purpose, of: reader.contactID, on: reader.account.kind, tenantID: reader.tenantID)
        if let obstacle = consent?.obstacle(at: clock.now) {
            throw ConversationsError.consentMissing(purpose: purpose, state: obstacle)
        }
    }
}

extension Work {
    /// Appends a template: nothing goes out before the conversation is held (C37).
    func send(
        _ rendered: RenderedTemplate, in conversation: inout Conversation, over account: ChannelAccount
    ) async throws -> (message: Message, files: [Attachment]) {
        let files = try await headerFiles(of: rendered, in: conversation, over: account)
        let message = Message(
            id: .v7(at: now), conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .outbound,
            kind: .template, author: caller.actor, text: rendered.text,
            content: MessageContent(content: .template(rendered.use)).serialized(), attachmentIDs: files.map(\.id), created: now,
            delivery: .first(on: conversation.channel), deliveryTime: now)
        try await bind(files, to: conversation)
        store.insert(message)
        conversation.humanWrote(seq: message.seq, line: line(of: message, files), at: now)
        conversation.readSeq = conversation.lastSeq
        conversation.unread = 0
        return (message, files)
    }

    /// The file of a template's header: of the header's kind, and one that the channel carries (S32).
    private func headerFiles(
        of rendered: RenderedTemplate, in conversation: Conversation, over account: ChannelAccount
    ) async throws -> [Attachment] {
        let files = try await files([rendered.use.headerAttachmentID].compactMap(UUID.init(id:)), in: conversation)
        for file in files {
            guard rendered.headerKinds.contains(file.kind) else { throw ConversationsError.attachmentTypeNotAllowed(file.kind) }
            let draft = Draft.File(kind: file.kind, bytes: file.bytes)
            if let refusal = canSend(conversation, account).refusal(of: draft) {
                throw ConversationsError(refusal, window: conversation.window, rules: account.rules)
            }
        }
        return files
    }

    /// The template's own delivery moves what awaits its reply: accepted, the clock starts; failed, nothing is awaited (C37).
    func settleAwaited(
        _ message: Message, _ delivery: Message.Delivery, _ report: DeliveryReport, in conversation: inout Conversation,
        over account: ChannelAccount
    ) async throws {
        guard let awaited = conversation.awaited, awaited.messageID == message.id,
            conversation.state == .pending(.awaitingReply)
        else { return }
        switch delivery {
        case .none, .accepted: break
        case .sent, .delivered, .read:
            guard conversation.autoClose == nil, conversation.resumeExpires == nil else { return }
            (conversation.autoClose, conversation.resumeExpires) = awaited.deadline(acceptedAt: report.time)
        case .failed:
            let step = Step(awaited.failure, awaited.resumes ? .expired : .closed, note: report.reason)
            try await system(.system, takes: step, on: &conversation, over: account)
        }
    }
}

extension Violations {
    /// How long a reply is awaited (C23).
    mutating func patience(_ wanted: Swift.Duration?, _ field: String) -> Swift.Duration? {
        if let wanted { require(AwaitedReply.patienceRange.contains(wanted), field, "is 1 minute to 30 days") }
        return wanted
    }
}
