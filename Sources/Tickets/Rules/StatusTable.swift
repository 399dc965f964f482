/// The status machine as one table: every (status, event) that is not here is refused.
enum StatusTable {
    /// What moves a ticket.
    enum Event: String, Sendable, Hashable, CaseIterable {
        /// Somebody with the right asks for a status.
        case open, pending, onHold = "on_hold", resolve, close, cancel
        /// A conversation that runs through the ticket starts being served (C24).
        case serviceStarted = "service_started"
        /// The last conversation that runs through the ticket was closed (C24).
        case conversationsClosed = "conversations_closed"
    }

    enum Outcome: Sendable, Hashable {
        /// It moves to this status.
        case move(TicketStatus)
        /// A resolved ticket opens again, if that is not too late (C39).
        case reopen
        /// It has the status asked for: nothing happens.
        case unchanged
        case refused
    }

    static func outcome(_ status: TicketStatus, _ event: Event) -> Outcome {
        switch (status, event) {
        // Somebody works on it, or says why not.
        case (.new, .open), (.pending, .open), (.onHold, .open): .move(.open)
        case (.new, .pending), (.open, .pending), (.onHold, .pending): .move(.pending)
        case (.new, .onHold), (.open, .onHold), (.pending, .onHold): .move(.onHold)
        // Its end.
        case (.new, .resolve), (.open, .resolve), (.pending, .resolve), (.onHold, .resolve): .move(.resolved)
        case (.new, .cancel), (.open, .cancel), (.pending, .cancel), (.onHold, .cancel): .move(.cancelled)
        case (.resolved, .close): .move(.closed)
        // And back.
        case (.resolved, .open), (.resolved, .serviceStarted): .reopen
        // What conversations do. A status that a person chose while the customer was served is his.
        case (.new, .serviceStarted): .move(.open)
        case (.open, .serviceStarted), (.pending, .serviceStarted), (.onHold, .serviceStarted): .unchanged
        case (.new, .conversationsClosed), (.open, .conversationsClosed), (.pending, .conversationsClosed),
            (.onHold, .conversationsClosed):
            .move(.resolved)
        case (.resolved, .conversationsClosed), (.closed, .conversationsClosed), (.cancelled, .conversationsClosed): .unchanged
        // Asking for what is there.
        case (.open, .open), (.pending, .pending), (.onHold, .onHold), (.resolved, .resolve), (.closed, .close),
            (.cancelled, .cancel):
            .unchanged
        default: .refused
        }
    }
}

extension StatusTable.Event {
    /// The event by which somebody asks for a status; nil for NEW, to which nothing leads.
    init?(asking status: TicketStatus) {
        switch status {
        case .new: return nil
        case .open: self = .open
        case .pending: self = .pending
        case .onHold: self = .onHold
        case .resolved: self = .resolve
        case .closed: self = .close
        case .cancelled: self = .cancel
        }
    }
}
