import FoundationEssentials
import ServiceRuntime
import WallTime

/// What a customer wrote, from whichever channel, parsed.
struct Inbound: Sendable {
    /// What a message's own text holds at most. No chat provider lets anybody write as much; of a longer e-mail, channels
    /// brings the text as a file, so that nothing is cut.
    static let textBytesMax = 262_144
    /// A mail may carry many; more than these are no message.
    static let attachmentsMax = 100

    var accountID: UUID
    var providerMessageID: String
    var address: String
    /// What uniqueness goes by (C18).
    var addressKey: String
    var name: String
    var kind: MessageKind
    var text: String
    var content: [UInt8]?
    var attachmentIDs: [UUID]
    var replyToProviderID = ""
    var providerTime: Instant?
    var subject = ""
    var locale = ""
    /// IANA name; empty: nobody knows it.
    var timeZone = ""
    var email = ""
    /// The channel vouches for the sender.
    var verified = true
    /// A machine wrote it (C45).
    var isAutomatic = false

    /// Whose messages come one after the other.
    var customerKey: String { "\(accountID)/\(addressKey)" }
}

/// What became of it.
struct Received: Sendable {
    var message: Message
    var files: [Attachment]
    var conversation: Conversation
    /// Its account's.
    var rules: ChannelRules
    /// It had been stored before; nothing changed.
    var duplicate: Bool
    /// With the names as they are now.
    var directory: Directory
}

enum Reception: Sendable {
    case received(Received)
    /// The address has no conversation under way, and nobody has said yet whose it is, or he has been erased since.
    /// Nothing is stored.
    case senderUnknown(ChannelAccount)
}

/// As `Reception.senderUnknown`.
private struct SenderUnknown: Error {}

extension Work {
    /// How long after its end a conversation is continued with its department, labels, ticket and assignee (C17).
    static let continueWithin: Duration = .seconds(7 * 86_400)

    /// Stores a customer's message exactly once (guarantee 1): the provider's id is taken first, then the one non-closed
    /// conversation of the address is found or opened, and its row's lock orders everything after it. A message into a
    /// conversation under way takes two round trips: one takes and finds, one stores and commits.
    /// - Parameter contactID: whose address it is, if that is known: needed where no conversation is under way.
    func receive(_ inbound: Inbound, from contactID: UUID?) async throws -> Reception {
        let messageID = UUID.v7(at: now)
        let found = try await store.takeInbound(
            account: inbound.accountID, addressKey: inbound.addressKey, providerID: inbound.providerMessageID,
            messageID: messageID)
        var work = self
        work.directory = try await surroundings.directory(store, found.tenant)
        try work.directory.requireActive()
        guard let account = found.account else { throw ConversationsError.channelAccountNotFound }
        if !found.isNew { return .received(try await work.received(before: inbound, over: account)) }
        do {
            return .received(
                try await work.receive(inbound, as: messageID, from: contactID, over: account, found.conversation))
        } catch is SenderUnknown {
            // Taken back rather than rolled back: others' messages may be committed together with this.
            store.giveBackInbound(account: inbound.accountID, providerID: inbound.providerMessageID)
            return .senderUnknown(account)
        }
    }

    private func receive(
        _ inbound: Inbound, as messageID: UUID, from contactID: UUID?, over account: ChannelAccount, _ found: Conversation?
    ) async throws -> Received {
        let files = try await files(of: inbound)
        if found == nil {
            if let kept = try await keep(inbound, messageID, files, over: account) { return kept }
            if let judged = try await judge(inbound, messageID, files, over: account) { return judged }
        }
        var (conversation, began) = try await openOne(for: inbound, from: contactID, over: account, found)
        let before = began ? nil : conversation
        if !began { try await arrive(&conversation, over: account) }
        let providerTime = conversation.window.receive(providerTime: inbound.providerTime, receivedAt: now)
        let message = Message(
            id: messageID, conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .inbound,
            kind: inbound.kind, author: Author(kind: .customer, id: conversation.contactID.text, name: inbound.name),
            text: inbound.text, content: inbound.content, replyTo: try await quoted(inbound),
            attachmentIDs: inbound.attachmentIDs, created: now, providerTime: providerTime,
            providerMessageID: inbound.providerMessageID)
        try await bind(files, to: conversation)
        store.insert(message)
        conversation.inboundAutomatic = inbound.isAutomatic
        conversation.customerWrote(
            seq: message.seq, takesTurn: message.takesTurn, line: line(of: message, files), at: now)
        if !inbound.name.isEmpty { conversation.customerName = inbound.name }
        try await goOnIfPaused(&conversation, over: account)
        if began { try await tell(.created, before: nil, &conversation, by: message.author) }
        try await append(
            .messageAdded, before: before ?? conversation, conversation, by: message.author, message: message.id)
        try await leaveAbsentBot(&conversation, over: account)
        // One that is told already is not told again with every further message.
        if let assignee = conversation.assigneeID, message.takesTurn, before?.unread ?? 0 == 0 {
            try await notify(.customerWrote, [assignee], of: conversation, message: message.id)
        }
        if message.takesTurn { try await replyAtOnce(began: began, in: &conversation, over: account) }
        try await save(&conversation, over: account)
        return Received(
            message: message, files: files, conversation: conversation, rules: account.rules, duplicate: false,
            directory: directory)
    }

    /// C53: what a blocked address writes is stored where it was blocked, and nothing else comes of it.
    /// - Returns: `nil` for an address that is not blocked.
    private func keep(
        _ inbound: Inbound, _ messageID: UUID, _ files: [Attachment], over account: ChannelAccount
    ) async throws -> Received? {
        guard try await store.isBlocked(inbound.address, account: account.id),
            var conversation = try await store.lockedBlocked(inbound.address, account: account.id)
        else { return nil }
        let message = try await add(inbound, messageID, files, to: &conversation)
        try await save(&conversation, over: account)
        return Received(
            message: message, files: files, conversation: conversation, rules: account.rules, duplicate: false,
            directory: directory)
    }

    /// C42: an answer to the survey is kept with the conversation that it judges, and begins no other; the first one counts.
    /// - Returns: `nil` for a message that is none.
    private func judge(
        _ inbound: Inbound, _ messageID: UUID, _ files: [Attachment], over account: ChannelAccount
    ) async throws -> Received? {
        guard let score = inbound.surveyScore,
            var conversation = try await store.lockedJudged(account: account.id, addressKey: inbound.addressKey),
            conversation.survey?.isOpen(at: now) ?? false
        else { return nil }
        let message = try await add(inbound, messageID, files, to: &conversation)
        try await keep(score, of: message.author, in: &conversation)
        try await save(&conversation, over: account)
        return Received(
            message: message, files: files, conversation: conversation, rules: account.rules, duplicate: false,
            directory: directory)
    }

    /// A customer's message in a conversation that is over: nobody's turn, and it opens nothing.
    private func add(
        _ inbound: Inbound, _ messageID: UUID, _ files: [Attachment], to conversation: inout Conversation
    ) async throws -> Message {
        var window = conversation.window
        let message = Message(
            id: messageID, conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .inbound,
            kind: inbound.kind, author: Author(kind: .customer, id: conversation.contactID.text, name: inbound.name),
            text: inbound.text, content: inbound.content, attachmentIDs: inbound.attachmentIDs, created: now,
            providerTime: window.receive(providerTime: inbound.providerTime, receivedAt: now),
            providerMessageID: inbound.providerMessageID)
        try await bind(files, to: conversation)
        store.insert(message)
        let before = conversation
        conversation.systemWrote(seq: message.seq, line: line(of: message, files), at: now)
        try await append(.messageAdded, before: before, conversation, by: message.author, message: message.id)
        return message
    }

    /// Gives a message's files to its conversation.
    /// - Throws: ATTACHMENT_NOT_FOUND where one has been given to another conversation, or swept, since it was looked at.
    func bind(_ files: [Attachment], to conversation: Conversation) async throws {
        let ids = Set(files.map(\.id))
        guard !ids.isEmpty else { return }
        guard try await store.bind(Array(ids), to: conversation.id) == ids.count else {
            throw ConversationsError.attachmentNotFound
        }
    }

    /// The message's line in a list.
    func line(of message: Message, _ files: [Attachment]) -> String {
        Preview.line(text: message.text, placeholder: files.first?.kind.placeholder ?? message.kind.placeholder)
    }

    // MARK: -

    private func received(before inbound: Inbound, over account: ChannelAccount) async throws -> Received {
        guard let id = try await store.inbound(account: inbound.accountID, providerID: inbound.providerMessageID),
            let message = try await store.messages([id]).first,
            let conversation = try await store.conversation(message.conversationID)
        else { throw ConversationsError.messageNotFound }
        let files = try await store.attachments(message.attachmentIDs)
        return Received(
            message: message, files: files, conversation: conversation, rules: account.rules, duplicate: true,
            directory: directory)
    }

    /// The files a message names, if all of them are its sender's.
    private func files(of inbound: Inbound) async throws -> [Attachment] {
        let own = try await store.attachments(inbound.attachmentIDs).filter {
            $0.channelAccountID == inbound.accountID && $0.uploader == caller.identity
        }
        guard own.count == Set(inbound.attachmentIDs).count else { throw ConversationsError.attachmentNotFound }
        return own
    }

    /// The non-closed conversation of the address, locked; a new one if there is none. Whoever opens it first wins: the others
    /// wait for his commit and find it.
    private func openOne(
        for inbound: Inbound, from contactID: UUID?, over account: ChannelAccount, _ found: Conversation?
    ) async throws -> (Conversation, began: Bool) {
        var found = found
        while true {
            if let found { return (found, false) }
            guard let contactID, try await !store.erased.contains(contactID) else { throw SenderUnknown() }
            let conversation = try await begin(inbound, from: contactID, over: account)
            if try await store.insert(conversation) { return (conversation, true) }
            found = try await store.lockedOpenOne(account: account.id, addressKey: inbound.addressKey)
        }
    }

    /// A new conversation, or the continuation of a closed one (C17).
    private func begin(
        _ inbound: Inbound, from contactID: UUID, over account: ChannelAccount
    ) async throws -> Conversation {
        let former = try await store.latest(account: account.id, addressKey: inbound.addressKey)
        let continues = former?.closed.map { $0.duration(to: now) <= Self.continueWithin } ?? false
        // What people had in hand is not the bot's to begin again (C17).
        let event: TransitionEvent = account.botID != nil && !continues ? .inboundToBot : .inbound
        guard case .allowed(let outcome) = TransitionTable.decide(nil, event, by: .system) else {
            preconditionFailure("a message begins a conversation")
        }
        var conversation = Conversation(
            id: .v7(at: now), state: outcome.next, channelAccountID: account.id, channel: account.kind,
            contactID: contactID, address: inbound.address, addressKey: inbound.addressKey,
            customerName: inbound.name, customerLocale: inbound.locale, customerTimeZone: inbound.timeZone,
            subject: inbound.subject, arrival: now, created: now, updated: now, stateTime: now)
        conversation.continuedFrom = former?.id
        var continued: UUID?
        if let former, continues {
            continued = former.departmentID
            conversation.labels = former.labels
            (conversation.ticketID, conversation.ticketNumber) = (former.ticketID, former.ticketNumber)
            conversation.serviceType = former.serviceType
            conversation.lastAssigneeID = former.assigneeID ?? former.lastAssigneeID
        }
        conversation.departmentID = directory.department(continued: continued, account: account.departmentID)
        takeWords(&conversation)
        let verdict = account.labelRules.verdict(on: inbound.text, subject: inbound.subject)
        let labels = directory.known(verdict.labels).filter { !conversation.labels.contains($0) }
        conversation.labels = Array((conversation.labels + labels).prefix(Violations.labelsMax))
        conversation.priority = verdict.priority ?? conversation.priority
        return conversation
    }

    /// What the message does to a conversation that is there: an expired one returns to the queue (C16).
    private func arrive(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        let returns = conversation.state.name == "expired"
        try await system(.system, takes: Step(.inbound, returns ? .queued : .updated), on: &conversation, over: account)
    }

    /// C13: a paused one returns to its agent at once if he is eligible; else routing gives it to others in time.
    private func goOnIfPaused(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        guard case .pending = conversation.state, conversation.waitingOn == .agent, let assignee = conversation.assigneeID,
            directory.isAvailable(assignee, in: conversation.departmentID, at: now)
        else { return }
        do {
            try await system(.router, takes: Step(.reopen, .resumed), on: &conversation, over: account)
        } catch ConversationsError.agentAtCapacity {
            // It waits, still paused.
        }
    }

    private func quoted(_ inbound: Inbound) async throws -> UUID? {
        if inbound.replyToProviderID.isEmpty { return nil }
        return try await store.inbound(account: inbound.accountID, providerID: inbound.replyToProviderID)
    }
}

extension Work {
    /// What a new conversation has of its department: the service type (C49).
    func takeWords(_ conversation: inout Conversation) {
        guard conversation.serviceType.isEmpty else { return }
        conversation.serviceType = directory.department(conversation.departmentID)?.serviceType ?? ""
    }
}

extension MessageKind {
    /// What stands for a message without text and files in a list (C25).
    var placeholder: String? {
        switch self {
        case .text, .attachment, .note, .system: nil
        case .contactCards: "contact"
        case .template, .sticker, .location, .choice, .reaction, .unsupported: rawValue
        }
    }
}
