/// When a clock of a ticket runs, read from where the ticket stands.
struct ClockRule: Sendable, Hashable {
    /// It stands still while the customer is waited for, and in `pauseStatuses`.
    var pauses: Bool
    var pauseStatuses: Set<TicketStatus>

    /// Whether a clock that measures on stands still. Only a customer who is waited for pauses (C38): a conversation whose agent lost
    /// connection, or that expired with nobody there, waits for the tenant.
    func isPaused(status: TicketStatus, waitingOn: WaitingOn) -> Bool {
        pauses && (waitingOn == .customer || pauseStatuses.contains(status))
    }
}

/// Whose turn it is in the conversations of a ticket (C38).
enum WaitingOn: String, Sendable, Hashable, CaseIterable {
    case nobody, agent, customer
}
