import TicketsV1

// Words of the domain as words of the contract, and back; nil for unspecified and for what a newer release knows.

extension TicketStatus {
    var wire: TicketsV1.TicketStatus {
        switch self {
        case .new: .new
        case .open: .open
        case .pending: .pending
        case .onHold: .onHold
        case .resolved: .resolved
        case .closed: .closed
        case .cancelled: .cancelled
        }
    }

    init?(_ wire: TicketsV1.TicketStatus) {
        guard let status = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = status
    }
}

extension TicketType {
    var wire: TicketsV1.TicketType {
        switch self {
        case .public: .public
        case .internal: .internal
        }
    }

    init?(_ wire: TicketsV1.TicketType) {
        guard let type = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = type
    }
}

extension WaitingOn {
    var wire: TicketsV1.WaitingOn {
        switch self {
        case .nobody: .unspecified
        case .agent: .agent
        case .customer: .customer
        }
    }
}

extension ClockKind {
    var wire: TicketsV1.ClockKind {
        switch self {
        case .firstResponse: .firstResponse
        case .nextResponse: .nextResponse
        case .resolution: .resolution
        }
    }

    init?(_ wire: TicketsV1.ClockKind) {
        guard let kind = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = kind
    }
}

extension ClockState {
    var wire: TicketsV1.ClockState {
        switch self {
        case .running: .running
        case .paused: .paused
        case .met: .met
        case .ended: .ended
        }
    }
}

extension Actor {
    var wire: TicketActor { TicketActor(kind: kind.wire, actorID: id) }
}

extension Actor.Kind {
    fileprivate var wire: TicketActorKind {
        switch self {
        case .agent: .agent
        case .bot: .bot
        case .integrator: .integrator
        case .system: .system
        }
    }
}

extension TicketLink.Kind {
    var wire: TicketLinkKind {
        switch self {
        case .related: .related
        case .parent: .parent
        case .duplicate: .duplicate
        case .blocked: .blocked
        case .followUp: .followUp
        case .split: .split
        }
    }

    init?(_ wire: TicketLinkKind) {
        guard let kind = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = kind
    }
}

extension TicketNews.Kind {
    var wire: TicketEventKind {
        switch self {
        case .created: .created
        case .updated: .updated
        case .statusChanged: .statusChanged
        case .assigned: .assigned
        case .commented: .commented
        case .conversationLinked: .conversationLinked
        case .conversationUnlinked: .conversationUnlinked
        case .clocksChanged: .clocksChanged
        case .warned: .warned
        case .breached: .breached
        case .merged: .merged
        case .unmerged: .unmerged
        case .split: .split
        case .linked: .linked
        }
    }

    init?(_ wire: TicketEventKind) {
        guard let kind = Self.allCases.first(where: { $0.wire == wire }) else { return nil }
        self = kind
    }
}
