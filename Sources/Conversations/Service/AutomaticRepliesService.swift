import ConversationsV1
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import WallTime

/// What the system says to customers by itself, as operators and admins set it (C45).
struct AutomaticRepliesService: AutomaticRepliesServiceProtocol {
    let surroundings: Surroundings
}

extension AutomaticRepliesService {
    func listAutomaticReplies(_ request: ListAutomaticRepliesRequest, _ context: ServerContext) async throws
        -> ListAutomaticRepliesResponse
    {
        let size = try pageSize(request.pageSize, max: ConversationsService.pageMax)
        let arguments = ["automatic replies", try context.tenantID.text]
        let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 3, arguments: arguments)
        return try await surroundings.read(context) { work in
            let after = position.map { AutomaticReplyPlace(departmentID: UUID(id: $0[0]), channel: $0[1], occasion: $0[2]) }
            let rows = try await work.store.automaticReplies(after: after, limit: size + 1)
            var response = ListAutomaticRepliesResponse(
                automaticReplies: rows.prefix(size).map { work.wire.automaticReply($0) })
            if rows.count > size {
                let last = rows[size - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: [last.departmentID?.text ?? "", last.channel.rawValue, last.occasion.rawValue],
                    arguments: arguments)
            }
            return response
        }
    }

    func setAutomaticReply(_ request: SetAutomaticReplyRequest, _ context: ServerContext) async throws
        -> SetAutomaticReplyResponse
    {
        try await surroundings.write(request, \.requestID, context) { work in
            var wanted = try StoredAutomaticReply(request.automaticReply ?? ConversationsV1.AutomaticReply())
            let expected = try ETag.expectedVersion(request.etag)
            try work.checkDepartment(wanted.departmentID)
            guard let version = try await work.store.set(wanted, expected: expected, at: work.now) else {
                throw Failure.etagMismatch
            }
            (wanted.version, wanted.updated) = (version, work.now)
            work.audit(Work.subject(wanted.departmentID, wanted.channel))
            return SetAutomaticReplyResponse(automaticReply: work.wire.automaticReply(wanted))
        }
    }
}

extension Work {
    /// Says what is set for the occasion, else what is always said on it, if anything, in the customer's language, else the
    /// tenant's (C59): at most once in a conversation, only where the channel lets us, and never to a machine (C45).
    /// - Parameter opening: when the department opens, outside hours: then it may be said once until then.
    /// - Returns: whether it was said.
    @discardableResult
    func reply(
        _ occasion: AutomaticReply.Occasion, until opening: Instant? = nil, in conversation: inout Conversation,
        over account: ChannelAccount
    ) async throws -> Bool {
        if conversation.inboundAutomatic { return false }
        let reply = try await store.automaticReply(
            occasion, department: conversation.departmentID, channel: conversation.channel)
        let locales = directory.locales(forCustomer: conversation.customerLocale)
        let known = reply ?? .standard(on: occasion, over: conversation.channel)
        guard let found = known?.text(for: locales) else { return false }
        var text = opening.map { filled(found, opening: $0, for: conversation, locales) } ?? found.text
        if occasion == .survey {
            let link = SurveyLink(tenantID: store.tenantID, conversationID: conversation.id)
            text = text.replacing(Survey.linkPlaceholder, with: link.url(on: surroundings.publicURL, surroundings.pageTokens))
        }
        let draft = Draft(kind: .text, text: text, byBot: true)
        guard canSend(conversation, account).refusal(of: draft) == nil,
            try await store.takeReply(occasion, until: opening, in: conversation.id)
        else { return false }
        return try await say(text, in: &conversation, over: account)
    }

    /// What a customer is told at once when he has written: outside hours when his department opens, once in each closed period
    /// and as long as nobody serves him; where his message began the conversation, that nobody is available, unless the channel
    /// lets it expire for that (C15); else the greeting.
    func replyAtOnce(began: Bool, in conversation: inout Conversation, over account: ChannelAccount) async throws {
        let isWaiting =
            switch conversation.state {
            case .queued, .offered, .pending: true
            case .automated, .open, .expired, .closed: false
            }
        guard isWaiting else { return }
        if let opening = directory.nextOpening(of: conversation.departmentID, after: now),
            try await reply(.outsideHours, until: opening, in: &conversation, over: account)
        {
            return
        }
        guard began else { return }
        if !account.rules.expiresWithoutAgent, !directory.isAttended(conversation.departmentID, at: now),
            try await reply(.nobodyAvailable, in: &conversation, over: account)
        {
            return
        }
        try await reply(.greeting, in: &conversation, over: account)
    }

    private func filled(
        _ found: AutomaticReply.Text, opening: Instant, for conversation: Conversation, _ locales: [String]
    ) -> String {
        let zone = directory.zone(forCustomer: conversation.customerTimeZone, in: conversation.departmentID)
        let locale = ([found.locale] + locales).first { !$0.isEmpty } ?? ""
        let words = OpeningWords(opening: opening, zone: zone).text(in: locale)
        return found.text.replacing(OpeningWords.placeholder, with: words)
    }

    /// C42: asks for the customer's judgement, once in a conversation that somebody served; before its end, for afterwards
    /// nothing is sent.
    func askForJudgement(
        at reason: ClosingReason, in conversation: inout Conversation, over account: ChannelAccount
    ) async throws {
        let isServed = conversation.started != nil || conversation.state == .automated
        guard reason.asksForJudgement, isServed, conversation.survey == nil else { return }
        if try await reply(.survey, in: &conversation, over: account) { conversation.survey = Survey(asked: now) }
    }
}

extension StoredAutomaticReply {
    /// A reply as somebody sets it.
    init(_ wire: ConversationsV1.AutomaticReply) throws {
        var violations = Violations()
        let path = "automatic_reply"
        departmentID = violations.optionalID(wire.departmentID, "\(path).department_id")
        let (channel, occasion) = (ChannelKind(wire.channel), AutomaticReply.Occasion(wire.occasion))
        violations.require(channel != nil, "\(path).channel", "is unknown")
        violations.require(occasion != nil, "\(path).occasion", "is unknown")
        violations.count(wire.texts, "\(path).texts", max: AutomaticReply.textsMax)
        var locales: Set<String> = []
        let texts = wire.texts.prefix(AutomaticReply.textsMax).enumerated().map { index, text in
            let field = "\(path).texts[\(index)]"
            violations.text(text.locale, "\(field).locale", 0...AutomaticReply.localeCharactersMax)
            violations.text(text.text, "\(field).text", 1...AutomaticReply.textCharactersMax)
            violations.require(locales.insert(text.locale.lowercased()).inserted, "\(field).locale", "stands there twice")
            return AutomaticReply.Text(locale: text.locale, text: text.text)
        }
        try violations.check()
        guard let channel, let occasion else { throw Failure.invalid(path, "is unknown") }
        self.channel = channel
        self.occasion = occasion
        reply = AutomaticReply(texts: texts)
    }
}

extension AutomaticReply.Occasion {
    init?(_ wire: AutomaticReplyOccasion) {
        switch wire {
        case .greeting: self = .greeting
        case .nobodyAvailable: self = .nobodyAvailable
        case .transferred: self = .transferred
        case .closed: self = .closed
        case .outsideHours: self = .outsideHours
        case .survey: self = .survey
        default: return nil
        }
    }

    fileprivate var wire: AutomaticReplyOccasion {
        switch self {
        case .greeting: .greeting
        case .nobodyAvailable: .nobodyAvailable
        case .transferred: .transferred
        case .closed: .closed
        case .outsideHours: .outsideHours
        case .survey: .survey
        }
    }
}

extension Wire {
    func automaticReply(_ stored: StoredAutomaticReply) -> ConversationsV1.AutomaticReply {
        ConversationsV1.AutomaticReply(
            departmentID: stored.departmentID?.text ?? "", channel: stored.channel.wire, occasion: stored.occasion.wire,
            texts: stored.reply.texts.map { AutomaticReplyText(locale: $0.locale, text: $0.text) },
            etag: ETag(stored.version).description, updateTime: stored.updated.map { Timestamp($0) })
    }
}
