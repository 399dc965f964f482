import FoundationEssentials
import ServiceRuntime
import WallTime

/// What a customer wrote, from whichever channel.
struct Inbound: Sendable {
    var providerMessageID: String
    var address: String
    var addressKey: String
    var contactID: UUID
    var name: String
    var kind: MessageKind
    var text: String
    var content: [UInt8]?
    var attachments: [Attachment] = []
    var replyToProviderID = ""
    var providerTime: Instant?
    var subject = ""
}

/// What became of it.
struct Received: Sendable {
    var message: Message
    var conversation: Conversation
    /// It had been stored before; nothing changed.
    var duplicate: Bool
}

extension Work {
    /// How long after its end a conversation is continued with its department, labels, ticket and assignee (C17).
    static let continueWithin: Duration = .seconds(7 * 86_400)

    /// Stores a customer's message exactly once (guarantee 1): the provider's id is taken first, then the one non-closed
    /// conversation of the address is found or opened, and its row's lock orders everything after it.
    func receive(_ inbound: Inbound, over account: ChannelAccount) async throws -> Received {
        let messageID = UUID.v7(at: now)
        if let known = try await store.takeInbound(
            account: account.id, providerID: inbound.providerMessageID, messageID: messageID)
        {
            return try await received(before: known)
        }
        var (conversation, began) = try await openOne(for: inbound, over: account)
        let before = conversation
        if !began { try await arrive(&conversation, over: account) }
        let providerTime = conversation.window.receive(providerTime: inbound.providerTime, receivedAt: now)
        let message = Message(
            id: messageID, conversationID: conversation.id, seq: conversation.lastSeq + 1, direction: .inbound,
            kind: inbound.kind, author: Author(kind: .customer, id: inbound.contactID.text, name: inbound.name),
            text: inbound.text, content: inbound.content, replyTo: try await quoted(inbound, account),
            attachmentIDs: inbound.attachments.map(\.id), created: now, providerTime: providerTime,
            providerMessageID: inbound.providerMessageID)
        try await store.bind(message.attachmentIDs, to: conversation.id)
        try await store.insert(message)
        conversation.customerWrote(
            seq: message.seq, takesTurn: message.takesTurn, line: line(of: message, inbound.attachments), at: now)
        if !inbound.name.isEmpty { conversation.customerName = inbound.name }
        try await goOnIfPaused(&conversation, over: account)
        if began { try await tell(.created, before: nil, &conversation, by: message.author) }
        try await append(
            .messageAdded, before: began ? conversation : before, conversation, by: message.author, message: message.id)
        try await save(&conversation)
        return Received(message: message, conversation: conversation, duplicate: false)
    }

    /// The message's line in a list.
    func line(of message: Message, _ files: [Attachment]) -> String {
        Preview.line(text: message.text, placeholder: files.first?.kind.placeholder ?? message.kind.placeholder)
    }

    // MARK: -

    private func received(before messageID: UUID) async throws -> Received {
        guard let message = try await store.messages([messageID]).first,
            let conversation = try await store.conversation(message.conversationID)
        else { throw ConversationsError.messageNotFound }
        return Received(message: message, conversation: conversation, duplicate: true)
    }

    /// The non-closed conversation of the address, locked; a new one if there is none. Whoever opens it first wins: the others
    /// wait for his commit and find it.
    private func openOne(for inbound: Inbound, over account: ChannelAccount) async throws -> (Conversation, began: Bool) {
        while true {
            if let conversation = try await store.lockedOpenOne(account: account.id, addressKey: inbound.addressKey) {
                return (conversation, false)
            }
            let conversation = try await begin(inbound, over: account)
            if try await store.insert(conversation) { return (conversation, true) }
        }
    }

    /// A new conversation, or the continuation of a closed one (C17).
    private func begin(_ inbound: Inbound, over account: ChannelAccount) async throws -> Conversation {
        guard case .allowed(let outcome) = TransitionTable.decide(nil, .inbound, by: .system) else {
            preconditionFailure("a message begins a conversation")
        }
        var conversation = Conversation(
            id: .v7(at: now), state: outcome.next, channelAccountID: account.id, channel: account.kind,
            contactID: inbound.contactID, address: inbound.address, addressKey: inbound.addressKey,
            customerName: inbound.name, subject: inbound.subject, arrival: now, created: now, updated: now)
        let former = try await store.latest(account: account.id, addressKey: inbound.addressKey)
        conversation.continuedFrom = former?.id
        var continued: UUID?
        if let former, let closed = former.closed, closed.duration(to: now) <= Self.continueWithin {
            continued = former.departmentID
            conversation.labels = former.labels
            conversation.ticketID = former.ticketID
            conversation.serviceType = former.serviceType
            conversation.lastAssigneeID = former.assigneeID ?? former.lastAssigneeID
        }
        conversation.departmentID = directory.department(continued: continued, account: account.departmentID, of: tenantID)
        return conversation
    }

    /// What the message does to a conversation that is there: an expired one returns to the queue (C16).
    private func arrive(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        let returns = conversation.state.name == "expired"
        try await system(.system, takes: Step(.inbound, returns ? .queued : .updated), on: &conversation, over: account)
    }

    /// C13: a paused one returns to its agent at once if he is eligible; until presence exists every agent with room is.
    private func goOnIfPaused(_ conversation: inout Conversation, over account: ChannelAccount) async throws {
        guard case .pending = conversation.state, conversation.waitingOn == .agent, let agent = conversation.assigneeID,
            let slot = try await store.slot(agent, SlotPool(account.kind)),
            slot.load + SlotPool(account.kind).weight(account.rules) <= slot.loadMax
        else { return }
        do {
            try await system(.router, takes: Step(.reopen, .resumed), on: &conversation, over: account)
        } catch ConversationsError.agentAtCapacity {
            // Another conversation took the room meanwhile: this one waits.
        }
    }

    private func quoted(_ inbound: Inbound, _ account: ChannelAccount) async throws -> UUID? {
        if inbound.replyToProviderID.isEmpty { return nil }
        return try await store.inbound(account: account.id, providerID: inbound.replyToProviderID)
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
