import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// StartConversation: the business writes first (S17, C18).
extension ConversationsService {
    func startConversation(_ request: StartConversationRequest, _ context: ServerContext) async throws
        -> StartConversationResponse
    {
        try surroundings.checkRequired(request)
        let start = try Start(request)
        let tenantID = try context.tenantID
        if let answer: StartConversationResponse = try await surroundings.answered(request, \.requestID, context) {
            return answer
        }
        var reader = try await surroundings.read(context) { work in
            _ = try work.caller.viewer
            guard let account = try await work.store.account(start.accountID) else {
                throw ConversationsError.channelAccountNotFound
            }
            return TemplateReader(start.contactID, account, work)
        }
        let account = reader.account
        if account.disabled { throw ConversationsError.channelDisabled }
        try Self.check(start, account)
        guard
            let addresses = try await surroundings.contacts.addresses(
                of: start.contactID, on: account, tenantID: tenantID)
        else { throw ConversationsError.contactNotFound }
        guard let address = start.address.isEmpty ? addresses.first : addresses.first(where: { $0.isMeant(by: start.address) })
        else { throw Failure.invalid("address", "is none of the contact's on this channel") }
        var rendered: RenderedTemplate?
        if let wish = start.template {
            reader.locale = address.locale
            rendered = try await surroundings.render(wish, for: reader)
        }
        return try await surroundings.write(request, \.requestID, context) { [rendered] work in
            try await begin(start, rendered, address, account, work)
        }
    }

    private func begin(
        _ start: Start, _ rendered: RenderedTemplate?, _ address: ContactAddress, _ account: ChannelAccount, _ work: Work
    ) async throws -> StartConversationResponse {
        if account.kind != .email, let there = try await work.store.openOne(account: account.id, contact: start.contactID) {
            throw work.exists(there)
        }
        // Erased since contacts was asked for his addresses.
        if try await work.store.erased.contains(start.contactID) { throw ConversationsError.contactNotFound }
        if account.rules.businessStart == .liveSession { try await work.requireLive(address.address, account) }
        if let id = start.departmentID, work.directory.department(id) == nil {
            throw ConversationsError.departmentNotFound
        }
        if let id = start.followUpOf, try await work.store.conversation(id) == nil {
            throw Failure.invalid("follow_up_of", "is no conversation")
        }
        let id = UUID.v7(at: work.now)
        var conversation = Conversation(
            id: id, state: .queued, channelAccountID: account.id, channel: account.kind, contactID: start.contactID,
            address: address.address, addressKey: account.kind == .email ? id.text : address.address,
            customerName: address.name, customerLocale: address.locale, customerTimeZone: address.timeZone,
            subject: start.subject, arrival: work.now, created: work.now, updated: work.now, stateTime: work.now)
        conversation.departmentID =
            start.departmentID ?? work.directory.department(continued: nil, account: account.departmentID)
        conversation.continuedFrom = start.followUpOf
        work.takeWords(&conversation)
        // Its uniqueness is held before anything else happens (C37); whoever was first is named.
        guard try await work.store.insert(conversation) else {
            guard let there = try await work.store.latest(account: account.id, addressKey: conversation.addressKey) else {
                throw Failure.etagMismatch
            }
            throw work.exists(there)
        }
        try await work.start(&conversation, byTemplate: rendered != nil, over: account)
        let (message, files) = try await work.say(start, rendered, first: &conversation, over: account)
        if let message {
            try await work.append(.messageAdded, before: conversation, conversation, by: message.author, message: message.id)
        }
        try await work.save(&conversation, over: account)
        return StartConversationResponse(
            conversation: work.wire.conversation(conversation, rules: account.rules),
            message: message.map { work.wire.message($0, files) })
    }

    private static func check(_ start: Start, _ account: ChannelAccount) throws {
        switch account.rules.businessStart {
        case .rejected: throw ConversationsError.startNotAllowed
        case .template:
            if start.template == nil { throw ConversationsError.templateRequired }
            if !start.text.isEmpty { throw Failure.invalid("text", "stands without a template") }
        case .liveSession, .allowed:
            if start.template != nil { throw Failure.invalid("template", "is for channels that begin with one") }
        }
        if let limit = account.rules.textLimit, !limit.allows(start.text) {
            throw ConversationsError.textTooLong(max: limit.max)
        }
    }
}

/// A business start, parsed.
private struct Start: Sendable {
    var accountID: UUID
    var contactID: UUID
    var address: String
    var departmentID: UUID?
    var subject: String
    var text: String
    var template: TemplateWish?
    var patience: Swift.Duration?
    var followUpOf: UUID?

    init(_ request: StartConversationRequest) throws {
        var violations = Violations()
        accountID = violations.id(request.channelAccountID, "channel_account_id")
        contactID = violations.id(request.contactID, "contact_id")
        address = violations.text(request.address, "address", 0...320)
        departmentID = violations.optionalID(request.departmentID, "department_id")
        subject = violations.text(request.subject, "subject", 0...255)
        text = violations.text(request.text, "text", 0...Sent.textMax)
        template = request.template.map { violations.template($0, "template") }
        patience = violations.patience(request.autoCloseAfter.map { Swift.Duration($0) }, "auto_close_after")
        followUpOf = violations.optionalID(request.followUpOf, "follow_up_of")
        try violations.check()
    }
}

extension Work {
    /// - Throws: VISITOR_NOT_LIVE unless the address is a visitor's who is there.
    func requireLive(_ address: String, _ account: ChannelAccount) async throws {
        guard let id = UUID(id: address), let visitor = try await store.visitor(id, account: account.id),
            now < visitor.sessionExpires
        else { throw ConversationsError.visitorNotLive }
    }

    /// C18: the refusal that names what is there, to every agent whatever his departments.
    func exists(_ conversation: Conversation) -> ConversationsError {
        .conversationExists(
            conversation.id, conversation.state,
            department: (conversation.departmentID, departmentName(conversation.departmentID)),
            assignee: .init(id: conversation.assigneeID, name: agentName(conversation.assigneeID)))
    }

    /// The table's business start: open, with its starter, inside his limit; or awaiting the reply to his template.
    func start(_ conversation: inout Conversation, byTemplate: Bool, over account: ChannelAccount) async throws {
        let viewer = try caller.viewer
        let actor = viewer.actor(department: conversation.departmentID, assignee: nil)
        let event: TransitionEvent = byTemplate ? .startByTemplate : .startFreeForm
        guard case .allowed(let outcome) = TransitionTable.decide(nil, event, by: actor) else {
            throw ConversationsError.outOfScope
        }
        conversation.apply(outcome, actorID: viewer.agentID, at: now)
        if outcome.guards.contains(.slot) { try await takeSlot(of: &conversation, for: viewer.agentID, account) }
        try await tell(.created, before: nil, &conversation, by: caller.actor)
    }

    /// The first message of a business start: its text, or its template, whose reply is awaited.
    fileprivate func say(
        _ start: Start, _ rendered: RenderedTemplate?, first conversation: inout Conversation, over account: ChannelAccount
    ) async throws -> (Message?, [Attachment]) {
        if let rendered {
            let (message, files) = try await send(rendered, in: &conversation, over: account)
            conversation.awaited = AwaitedReply(messageID: message.id, patience: start.patience, resumes: false)
            return (message, files)
        }
        if start.text.isEmpty { return (nil, []) }
        let first = Message(
            id: .v7(at: now), conversationID: conversation.id, seq: 1, direction: .outbound, kind: .text,
            author: caller.actor, text: start.text, created: now, delivery: .first(on: conversation.channel),
            deliveryTime: now)
        store.insert(first)
        conversation.humanWrote(seq: 1, line: line(of: first, []), at: now)
        conversation.readSeq = 1
        return (first, [])
    }

    private func takeSlot(
        of conversation: inout Conversation, for agent: UUID, _ account: ChannelAccount
    ) async throws {
        let pool = SlotPool(account.kind)
        let weight = pool.weight(account.rules)
        conversation.slotWeight = weight
        if try await !store.take(agent, pool, weight: weight, force: false) {
            guard let slot = try await store.slot(agent, pool) else { throw ConversationsError.agentNotFound }
            throw ConversationsError.agentAtCapacity(agent, load: slot.load, loadMax: slot.loadMax)
        }
    }
}
