import EventLog
import FoundationEssentials
import WallTime

/// What other services are told of a ticket: ids, states, paths and times, never texts.
struct TicketNews: Sendable, Hashable {
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case created = "ticket.created"
        case updated = "ticket.updated"
        case statusChanged = "ticket.status_changed"
        case assigned = "ticket.assigned"
        case commented = "ticket.commented"
        case conversationLinked = "ticket.conversation_linked"
        case conversationUnlinked = "ticket.conversation_unlinked"
        case clocksChanged = "ticket.clocks_changed"
        case warned = "ticket.warned"
        case breached = "ticket.breached"
        case merged = "ticket.merged"
        case unmerged = "ticket.unmerged"
        case split = "ticket.split"
        case linked = "ticket.linked"

        /// As history has it.
        var word: String { String(rawValue.dropFirst("ticket.".count)) }
    }

    var kind: Kind
    var ticketID: UUID
    var actor: Actor
    var statusBefore: TicketStatus?
    var statusAfter: TicketStatus
    var assigneeBefore: UUID?
    var assigneeAfter: UUID?
    /// Nothing for customers: the ticket is internal, or the comment.
    var isInternal: Bool
    var paths: [String] = []
    var clock: ClockKind?
    var commentID: UUID?
    var conversationID: UUID?
    var otherTicketID: UUID?
    var departmentAfter: UUID?
    var channel = ""
    /// Clocks with a target that this met before they ran out.
    var attained: [ClockKind] = []
}

// MARK: - As stored

extension TicketNews {
    func event(tenantID: UUID, time: Instant) -> NewEvent {
        var attributes = [
            "actor": actor.kind.rawValue, "actor_id": actor.id, "status": statusAfter.rawValue,
            "internal": isInternal ? "true" : "",
            "status_before": statusBefore?.rawValue ?? "", "assignee_before": assigneeBefore.text,
            "assignee": assigneeAfter.text,
            "paths": paths.joined(separator: " "), "clock": clock?.rawValue ?? "",
            "comment": commentID.text,
            "conversation": conversationID.text, "other": otherTicketID.text, "department": departmentAfter.text,
            "channel": channel,
            "attained": attained.map(\.rawValue).joined(separator: " "),
        ]
        attributes = attributes.filter { !$0.value.isEmpty }
        return NewEvent(
            tenantID: tenantID, kind: kind.rawValue, subjectID: ticketID, time: time,
            attributes: attributes)
    }

    /// Nil for an event that a newer release wrote.
    init?(_ event: Event) {
        let attributes = event.attributes
        guard let kind = Kind(rawValue: event.kind),
            let status = attributes["status"].flatMap(TicketStatus.init(rawValue:))
        else { return nil }
        func id(_ name: String) -> UUID? { attributes[name].flatMap { UUID(uuidString: $0) } }
        self.init(
            kind: kind, ticketID: event.subjectID,
            actor: Actor(
                kind: attributes["actor"].flatMap(Actor.Kind.init(rawValue:)) ?? .system,
                id: attributes["actor_id"] ?? ""),
            statusBefore: attributes["status_before"].flatMap(TicketStatus.init(rawValue:)),
            statusAfter: status,
            assigneeBefore: id("assignee_before"), assigneeAfter: id("assignee"),
            isInternal: attributes["internal"] != nil,
            paths: (attributes["paths"] ?? "").split(separator: " ").map(String.init),
            clock: attributes["clock"].flatMap(ClockKind.init(rawValue:)), commentID: id("comment"),
            conversationID: id("conversation"), otherTicketID: id("other"), departmentAfter: id("department"),
            channel: attributes["channel"] ?? "",
            attained: (attributes["attained"] ?? "").split(separator: " ").compactMap { ClockKind(rawValue: String($0)) })
    }
}
