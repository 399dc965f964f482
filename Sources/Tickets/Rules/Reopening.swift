import WallTime

/// Until when a resolved ticket can be reopened (C39).
enum Reopening {
    static let standard: Duration = .seconds(7 * 86_400)

    /// The last moment, which is included.
    static func end(resolved: Instant, within: Duration) -> Instant { resolved.advanced(by: within) }

    static func isAllowed(resolved: Instant, within: Duration, now: Instant) -> Bool {
        now <= end(resolved: resolved, within: within)
    }
}

/// What becomes of a conversation's ticket when the conversation starts being served (C24).
enum ServiceStart: Sendable, Hashable {
    /// It goes on in the ticket as it is.
    case keep
    /// The ticket opens again (C39).
    case reopen
    /// A new one is made and linked to it.
    case followUp

    init(_ status: TicketStatus, isMerged: Bool, resolved: Instant?, within: Duration, now: Instant) {
        switch StatusTable.outcome(status, .serviceStarted) {
        case _ where isMerged: self = .followUp
        case .move, .unchanged: self = .keep
        case .reopen:
            let isAllowed = resolved.map { Reopening.isAllowed(resolved: $0, within: within, now: now) } ?? false
            self = isAllowed ? .reopen : .followUp
        case .refused: self = .followUp
        }
    }
}
