/// Where a ticket stands. Raw values are those of the database.
enum TicketStatus: String, Sendable, Hashable, CaseIterable {
    /// Nobody works on it yet.
    case new
    case open
    /// Waits for the requester.
    case pending
    /// Waits for somebody else.
    case onHold = "on_hold"
    case resolved
    case closed
    case cancelled

    /// What a status means for clocks and for what may still be done, whatever it is called.
    enum Category: Sendable, Hashable {
        /// The tenant is at work, or should be.
        case active
        /// Somebody else is: clocks that pause may stand still.
        case waiting
        /// Answered; time that passes here is a pause (C39).
        case resolved
        /// Over for good.
        case ended
    }

    var category: Category {
        switch self {
        case .new, .open: .active
        case .pending, .onHold: .waiting
        case .resolved: .resolved
        case .closed, .cancelled: .ended
        }
    }
}
