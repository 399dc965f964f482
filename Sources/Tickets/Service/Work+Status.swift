import FoundationEssentials
import WallTime

extension OpenTicket {
    /// Moves the ticket as the table says.
    /// - Returns: whether it moved.
    mutating func move(_ event: StatusTable.Event, reason: String, within: Duration, at now: Instant)
        throws -> Bool
    {
        let target: TicketStatus
        switch StatusTable.outcome(ticket.status, event) {
        case .unchanged: return false
        case .move(let status): target = status
        case .reopen:
            guard let resolved = ticket.resolved,
                Reopening.isAllowed(resolved: resolved, within: within, now: now)
            else {
                throw TicketsError.reopenTooLate
            }
            target = .open
        case .refused:
            throw TicketsError.statusNotAllowed(from: ticket.status, to: event.target)
        }
        ticket.status = target
        ticket.statusReason = reason
        ticket.resolved = target == .resolved ? now : target == .closed ? ticket.resolved : nil
        ticket.ended = target.category == .ended ? now : nil
        return true
    }
}

extension StatusTable.Event {
    /// Where it leads if the table lets it.
    fileprivate var target: TicketStatus {
        switch self {
        case .open, .serviceStarted: .open
        case .pending: .pending
        case .onHold: .onHold
        case .resolve, .conversationsClosed: .resolved
        case .close: .closed
        case .cancel: .cancelled
        }
    }
}
