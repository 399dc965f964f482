import FoundationEssentials
import WallTime

/// Why a user is told something (C50).
enum NotificationKind: String, CaseIterable, Sendable {
    case offered, assigned, transferred, taken
    case customerWrote = "customer_wrote"
    case mention, reminder
    case failedMessage = "failed_message"
    case slaWarning = "sla_warning"
    case windowClosing = "window_closing"
    case away
}

/// One thing one user is told, kept until he has seen it.
struct Notification: Hashable, Sendable {
    var id: UUID
    var agentID: UUID
    var kind: NotificationKind
    var conversationID: UUID
    var messageID: UUID?
    var created: Instant
    var read = false
}
