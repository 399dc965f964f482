import WallTime
import WorkingTime

/// How long a paused conversation whose customer has written waits for its agent (C13).
enum Rescue {
    /// On e-mail, in hours in which the department works.
    static let emailOpenTime: Duration = .seconds(8 * 3_600)

    /// When others get it, counted from the later of the customer's message and the pausing.
    /// - Returns: `nil` for one that is not paused, or whose customer does not wait, or whose department never opens.
    static func time(of conversation: ServedConversation, by rules: DepartmentRules) -> Instant? {
        guard conversation.isPausedAndWaiting, let since = conversation.waitingSince else { return nil }
        let start = max(since, conversation.stateTime)
        switch conversation.pool {
        case .chat: return start.advanced(by: .milliseconds(rules.pendingRescue))
        case .email:
            // Hours that make no calendar any more are no reason to wait for ever.
            let calendar = rules.workingHours.flatMap { try? $0.calendar() } ?? .always
            return calendar.instant(after: emailOpenTime, openSince: start)
        }
    }
}

extension Agent {
    /// Whether he may go on with a department's conversation by himself (C7), but for his limit.
    func isEligible(in department: DepartmentID?, _ rules: DepartmentRules, at now: Instant) -> Bool {
        state == .active && presence == .online && status.availability == .available && rules.isOpen(at: now)
            && department.map { fields.departments.contains($0) } ?? true
    }
}

extension ServedConversation {
    /// His agent has paused it, or was cut off, and the customer waits for him.
    var isPausedAndWaiting: Bool { state == .pending && reason != "awaiting_reply" && waitsForAgent }
}
