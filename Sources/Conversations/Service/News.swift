import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What the event log holds of a conversation: ids, states, numbers and times, never names, addresses or text.
struct News: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        case created = "conversation.created"
        case messageAdded = "message.added"
        case messageStatus = "message.status"
        case queued = "conversation.queued"
        case offered = "conversation.offered"
        case accepted = "conversation.accepted"
        case pending = "conversation.pending"
        case resumed = "conversation.resumed"
        case transferred = "conversation.transferred"
        case expired = "conversation.expired"
        case closed = "conversation.closed"
        case read = "conversation.read"
        case updated = "conversation.updated"
        case blocked = "conversation.blocked"
        /// One user was told something of it.
        case notified = "conversation.notified"
    }

    var kind: Kind
    var conversationID: UUID
    var actor: Author
    /// State, department and assignee before; `nil`: it began here.
    var before: Standing?
    var after: Standing
    var messageID: UUID?
    /// C24: whoever closed it leaves its ticket as it is.
    var keepsTicket = false
    var notification: Told?
    /// `nil` where nobody wrote them: of before they were told, and of notifications.
    var figures: Figures?

    /// What reports are counted from, beside what stands where: as it is after (C63).
    struct Figures: Sendable {
        var channel: ChannelKind
        var waitingOn: WaitingOn
        var arrival: Instant
        var spam: Bool

        init(_ conversation: Conversation) {
            (channel, waitingOn) = (conversation.channel, conversation.waitingOn)
            (arrival, spam) = (conversation.arrival, conversation.spam)
        }
    }

    /// Who was told what.
    struct Told: Sendable {
        var id: UUID
        var agentID: UUID
        var kind: NotificationKind

        init(_ notification: Notification) {
            (id, agentID, kind) = (notification.id, notification.agentID, notification.kind)
        }
    }

    /// Where a conversation stands, and who sees it there.
    struct Standing: Sendable {
        var state: ConversationState
        var departmentID: UUID?
        var assigneeID: UUID?
        var mentionedAgentIDs: [UUID] = []

        init(_ conversation: Conversation) {
            state = conversation.state
            departmentID = conversation.departmentID
            assigneeID = conversation.assigneeID
            mentionedAgentIDs = conversation.mentionedAgentIDs
        }
    }
}

// MARK: - As stored

extension News {
    /// Attributes of the event: `b.` before, `a.` after.
    var attributes: [String: String] {
        var attributes = ["actor": actor.kind.rawValue]
        // A customer is no id that a log may keep (DESIGN 4); agents and bots are.
        if actor.kind == .agent || actor.kind == .bot { attributes["actor_id"] = actor.id }
        if let messageID { attributes["message"] = messageID.text }
        if keepsTicket { attributes["keeps_ticket"] = "true" }
        if let notification {
            attributes["n.id"] = notification.id.text
            attributes["n.agent"] = notification.agentID.text
            attributes["n.kind"] = notification.kind.rawValue
        }
        figures?.write(to: &attributes)
        before?.write(to: &attributes, "b.")
        after.write(to: &attributes, "a.")
        return attributes
    }

    init?(_ event: Event) {
        guard let kind = Kind(rawValue: event.kind), let after = Standing(event.attributes, "a.") else { return nil }
        self.kind = kind
        conversationID = event.subjectID
        actor = Author(
            kind: event.attributes["actor"].flatMap(Author.Kind.init(rawValue:)) ?? .system,
            id: event.attributes["actor_id"] ?? "")
        before = Standing(event.attributes, "b.")
        self.after = after
        messageID = event.attributes["message"].flatMap(UUID.init(id:))
        keepsTicket = event.attributes["keeps_ticket"] == "true"
        notification = Told(event.attributes)
        figures = Figures(event.attributes)
    }
}

extension News.Told {
    fileprivate init?(_ attributes: [String: String]) {
        guard let id = attributes["n.id"].flatMap(UUID.init(id:)), let agent = attributes["n.agent"].flatMap(UUID.init(id:)),
            let kind = attributes["n.kind"].flatMap(NotificationKind.init(rawValue:))
        else { return nil }
        (self.id, agentID, self.kind) = (id, agent, kind)
    }
}

extension News.Figures {
    fileprivate func write(to attributes: inout [String: String]) {
        attributes["f.channel"] = channel.rawValue
        attributes["f.waiting"] = waitingOn.rawValue
        attributes["f.arrival"] = "\(arrival.microseconds)"
        if spam { attributes["f.spam"] = "true" }
    }

    fileprivate init?(_ attributes: [String: String]) {
        guard let channel = attributes["f.channel"].flatMap(ChannelKind.init(rawValue:)),
            let waitingOn = attributes["f.waiting"].flatMap(WaitingOn.init(rawValue:)),
            let arrival = attributes["f.arrival"].flatMap({ Int64($0) })
        else { return nil }
        (self.channel, self.waitingOn, self.arrival) = (channel, waitingOn, Instant(microseconds: arrival))
        spam = attributes["f.spam"] != nil
    }
}

extension News.Standing {
    fileprivate func write(to attributes: inout [String: String], _ prefix: String) {
        attributes[prefix + "state"] = state.name
        if !state.reasonName.isEmpty { attributes[prefix + "reason"] = state.reasonName }
        if let departmentID { attributes[prefix + "department"] = departmentID.text }
        if let assigneeID { attributes[prefix + "assignee"] = assigneeID.text }
        if !mentionedAgentIDs.isEmpty { attributes[prefix + "mentioned"] = mentionedAgentIDs.map(\.text).joined(separator: " ") }
    }

    fileprivate init?(_ attributes: [String: String], _ prefix: String) {
        guard let name = attributes[prefix + "state"],
            let state = ConversationState(name: name, reason: attributes[prefix + "reason"] ?? "")
        else { return nil }
        self.state = state
        departmentID = attributes[prefix + "department"].flatMap(UUID.init(id:))
        assigneeID = attributes[prefix + "assignee"].flatMap(UUID.init(id:))
        mentionedAgentIDs = (attributes[prefix + "mentioned"] ?? "").split(separator: " ").compactMap { UUID(id: String($0)) }
    }
}

// MARK: - Telling

extension Work {
    /// Writes a step into the history and the log.
    func tell(
        _ kind: News.Kind, before: Conversation?, _ after: inout Conversation, by actor: Author, note: String = "",
        forced: Bool = false, keepsTicket: Bool = false
    ) async throws {
        after.historyCount += 1
        store.insert(
            HistoryEntry(
                number: after.historyCount, kind: String(kind.rawValue.drop { $0 != "." }.dropFirst()), time: now, actor: actor,
                before: before?.state, after: after.state, assigneeBefore: before?.assigneeID, assigneeAfter: after.assigneeID,
                departmentBefore: before?.departmentID, departmentAfter: after.departmentID, note: note, forced: forced,
                arrival: after.arrival),
            of: after.id)
        try await append(kind, before: before, after, by: actor, keepsTicket: keepsTicket)
    }

    /// Writes an event into the log alone.
    func append(
        _ kind: News.Kind, before: Conversation?, _ after: Conversation, by actor: Author, message: UUID? = nil,
        keepsTicket: Bool = false
    ) async throws {
        let news = News(
            kind: kind, conversationID: after.id, actor: actor, before: before.map(News.Standing.init),
            after: News.Standing(after), messageID: message, keepsTicket: keepsTicket, figures: News.Figures(after))
        try await surroundings.events.append(
            [
                NewEvent(
                    tenantID: tenantID, kind: kind.rawValue, subjectID: after.id, time: now, attributes: news.attributes)
            ], in: transaction)
    }
}
