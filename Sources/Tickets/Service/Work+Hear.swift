import ConversationsV1
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What a conversation's news does to its ticket (C24). Nothing here is refused: what does not fit is passed over.
extension Work {
    func hear(_ news: ConversationNews) async throws {
        // Before any row is locked: an erasure locks in this order, too.
        var isErased = false
        if let contact = UUID(id: news.conversation.contactID) { isErased = try await store.erased.contains(contact) }
        try await take(news)
        if isErased { try await forget(ticketOf: news.id) }
    }

    private func take(_ news: ConversationNews) async throws {
        try await store.lock(conversation: news.id)
        let known = try await store.conversation(news.id)
        if let known, known.hasHeard(news) { return }
        guard case .started(let byBusiness) = news.what else {
            guard let known, var open = try await opened([known.ticketID]).first else { return }
            return try await hear(news, known, &open)
        }
        if let known {
            try await start(news, in: known.ticketID, as: known)
        } else {
            var waitingOn = WaitingOn.nobody
            if !byBusiness { waitingOn = .agent }
            let conversation = TicketConversation(
                id: news.id, ticketID: news.id, waitingOn: waitingOn, assigneeID: news.assigneeID,
                linked: now)
            let former = try await former(of: news)
            try await start(news, in: former, as: conversation)
        }
    }

    /// The ticket of the conversation that this one continues (C17).
    private func former(of news: ConversationNews) async throws -> UUID? {
        guard let id = news.continuedFrom else { return nil }
        return try await store.conversation(id)?.ticketID
    }
}

// MARK: - The start of a service

extension Work {
    private func start(
        _ news: ConversationNews, in ticket: UUID?, as conversation: TicketConversation
    ) async throws {
        var conversation = conversation
        conversation.isClosed = false
        conversation.assigneeID = news.assigneeID
        conversation.note(news)
        guard let ticket, var open = try await opened([ticket]).first else {
            _ = try await begin(news, conversation, followUpOf: nil)
            return
        }
        let within = try await settings().reopenWithin
        let start = ServiceStart(
            open.ticket.status, isMerged: open.ticket.mergedInto != nil, resolved: open.ticket.resolved,
            within: within,
            now: news.time)
        switch start {
        case .keep, .reopen: try await goOn(news, conversation, &open, within: within)
        case .followUp:
            var new = try await begin(news, conversation, followUpOf: open)
            open.conversations.removeAll { $0.id == conversation.id }
            _ = try await link(&new, to: &open, .followUp)
        }
    }

    /// A new ticket for a conversation.
    private func begin(
        _ news: ConversationNews, _ conversation: TicketConversation, followUpOf former: OpenTicket?
    ) async throws -> OpenTicket {
        var fields = try await fields(of: news)
        if let former {
            (fields.subject, fields.categoryID) = (
                former.ticket.fields.subject, former.ticket.fields.categoryID
            )
            fields.type = former.ticket.fields.type
        }
        var open = try await create(
            NewTicket(
                fields: fields, status: .open, begins: news.arrival, followUpOf: former?.ticket.id,
                channel: news.channel, reason: "conversation"))
        try await attach(news, conversation, to: &open, .conversationLinked)
        return open
    }

    /// The conversation goes on in a ticket that is there.
    private func goOn(
        _ news: ConversationNews, _ conversation: TicketConversation, _ open: inout OpenTicket,
        within: Duration
    ) async throws {
        let moved = try open.move(
            .serviceStarted, reason: "conversation", within: within, at: news.time)
        if open.ticket.assigneeFollows {
            open.ticket.fields.assigneeID = news.assigneeID ?? open.ticket.fields.assigneeID
        }
        try await attach(news, conversation, to: &open, moved ? .statusChanged : .conversationLinked)
    }

    private func attach(
        _ news: ConversationNews, _ conversation: TicketConversation, to open: inout OpenTicket,
        _ kind: TicketNews.Kind
    ) async throws {
        var conversation = conversation
        conversation.ticketID = open.ticket.id
        let isNew = !open.conversations.contains { $0.id == conversation.id }
        open.conversations.removeAll { $0.id == conversation.id }
        open.conversations.append(conversation)
        open.newlyLinked.insert(conversation.id)
        try await store.put(conversation)
        // A customer who began it, or came back, has waited since his arrival.
        let isAsked = isNew && conversation.waitingOn == .agent
        try await save(
            &open,
            Step(
                kind: kind, reason: "conversation", time: isAsked ? news.arrival : news.time,
                signal: isAsked ? .customerWrote : .changed("status"), conversationID: conversation.id))
    }

    private func fields(of news: ConversationNews) async throws -> TicketFields {
        let conversation = news.conversation
        let known = try await priorities()
        let word = conversation.priority.word
        return TicketFields(
            subject: news.subject, requesterID: UUID(id: conversation.contactID),
            serviceID: try await service(named: conversation.serviceType),
            priorityID: known.first { $0.name == word && !$0.isArchived }?.id,
            assigneeID: news.assigneeID,
            departmentID: UUID(id: conversation.departmentID),
            labels: Array(conversation.labels.prefix(TicketFields.labelsMax)))
    }

    /// Conversations name the service by its id, or by its name where a person wrote it (C49).
    fileprivate func service(named word: String) async throws -> UUID? {
        if word.isEmpty { return nil }
        return try await store.catalogue().first { $0.id.text == word || $0.name == word }?.id
    }
}

// MARK: - What comes after

extension Work {
    private func hear(_ news: ConversationNews, _ known: TicketConversation, _ open: inout OpenTicket)
        async throws
    {
        var conversation = known
        conversation.note(news)
        var step: Step?
        switch news.what {
        case .customerWrote where conversation.waitingOn != .agent:
            conversation.waitingOn = .agent
            step = Step(
                kind: .clocksChanged, reason: "customer_wrote", time: news.time, signal: .customerWrote)
        case .answered where conversation.waitingOn != .customer:
            conversation.waitingOn = .customer
            step = Step(kind: .clocksChanged, reason: "answered", time: news.time, signal: .answered)
        case .closed:
            conversation.isClosed = true
            conversation.waitingOn = .nobody
            step = Step(
                kind: .clocksChanged, reason: "closed", time: news.time, signal: .changed("waiting"))
        case .moved: conversation.assigneeID = news.assigneeID
        case .customerWrote, .answered, .started: break
        }
        try await store.put(conversation)
        guard let index = open.conversations.firstIndex(where: { $0.id == conversation.id }) else {
            return
        }
        open.conversations[index] = conversation
        // What is over, or merged, stays as it is; the conversation is known all the same.
        guard !open.ticket.isOver, open.ticket.mergedInto == nil else { return }
        if case .closed(let reason, let keepsTicket) = news.what {
            if !keepsTicket { step = try await closed(&open, reason, at: news.time) ?? step }
        } else {
            step = try await follow(news, &open, step)
        }
        if let step { try await save(&open, step) }
    }

    /// The last one that was served resolves the ticket, with the word of its end.
    private func closed(_ open: inout OpenTicket, _ reason: String, at time: Instant) async throws
        -> Step?
    {
        guard open.conversations.allSatisfy(\.isClosed) else { return nil }
        let within = try await settings().reopenWithin
        guard try open.move(.conversationsClosed, reason: reason, within: within, at: time) else {
            return nil
        }
        return Step(kind: .statusChanged, reason: reason, time: time, signal: .changed("status"))
    }

    /// The responsible agent follows the assignee unless set by hand, the service the conversation's type (C24, C49).
    private func follow(_ news: ConversationNews, _ open: inout OpenTicket, _ step: Step?)
        async throws -> Step?
    {
        guard news.what == .moved else { return step }
        var step = step
        if let service = try await service(named: news.conversation.serviceType),
            service != open.ticket.fields.serviceID
        {
            open.ticket.fields.serviceID = service
            step = Step(
                kind: .updated, reason: "conversation", time: news.time, signal: .changed("fields"))
        }
        if open.ticket.assigneeFollows, news.assigneeID != open.ticket.fields.assigneeID {
            open.ticket.fields.assigneeID = news.assigneeID
            step = Step(kind: .assigned, reason: "conversation", time: news.time, signal: step?.signal)
        }
        return step
    }
}

extension TicketConversation {
    /// Read again after a restore of conversations, it is no news.
    fileprivate func hasHeard(_ news: ConversationNews) -> Bool {
        guard let lastEventTime else { return false }
        return news.eventID <= lastEventID && news.time <= lastEventTime
    }

    fileprivate mutating func note(_ news: ConversationNews) {
        lastEventID = max(lastEventID, news.eventID)
        lastEventTime = max(lastEventTime ?? news.time, news.time)
    }
}

extension ConversationsV1.Priority {
    fileprivate var word: String {
        switch self {
        case .low: "low"
        case .high: "high"
        case .urgent: "urgent"
        case .normal, .unspecified, .unrecognized: "normal"
        }
    }
}
