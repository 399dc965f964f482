import FoundationEssentials
import WallTime

/// What falls due for a conversation by itself (SPEC 10, third column "system").
enum TimerKind: String, CaseIterable, Sendable {
    /// The reply window closes (C1); before that, its assignee is warned (C50).
    case window
    /// Nobody answered the template in the time its sender gave (S36, C23).
    case autoClose = "auto_close"
    /// Nobody answered the template of a resume without such a time.
    case resumeUnanswered = "resume_unanswered"
    /// A parked one is to be looked at again (C51).
    case remind
    /// The customer is told that it will be closed (C46).
    case inactiveNotice = "inactive_notice"
    /// The customer has been silent for too long (C46).
    case inactive
    /// It has been expired for too long (C46).
    case expiredTooLong = "expired_too_long"
    /// The bot has not answered in time (C44).
    case botTimeout = "bot_timeout"
}

/// When what falls due: a function of the conversation and of the rules that hold for it. It is asked when a conversation
/// changes, and again when a timer fires, so that a timer that comes too early or too late does nothing by itself.
struct TimerPlan: Sendable {
    /// C50: how long before its end a window nobody has answered in is called to mind.
    static let warningBefore: Duration = .seconds(2 * 3_600)

    var conversation: Conversation
    var rules: ChannelRules
    var closing: ClosingRule
    /// How long its department gives a bot.
    var botTimeout: Duration = Directory.Department.botTimeout
    var now: Instant

    /// Every timer that must stand.
    var due: [TimerKind: Instant] {
        var due: [TimerKind: Instant] = [:]
        for kind in TimerKind.allCases { due[kind] = self.due(kind) }
        return due
    }

    func due(_ kind: TimerKind) -> Instant? {
        switch kind {
        case .window: nextOfWindow
        case .autoClose: isAwaiting ? conversation.autoClose : nil
        case .resumeUnanswered: isAwaiting ? conversation.resumeExpires : nil
        case .remind: conversation.state == .pending(.parked) ? conversation.remind : nil
        case .inactiveNotice: noticeTime.flatMap { now < $0 ? $0 : nil }
        case .inactive: inactiveTime
        case .expiredTooLong: expiredTooLongTime
        case .botTimeout: conversation.state == .automated ? conversation.botAwaited?.advanced(by: botTimeout) : nil
        }
    }

    // MARK: - The window

    /// End of the window in which somebody may still answer; `nil` where none passes. A bot's is the shorter one (SPEC 8).
    var windowEnd: Instant? {
        guard rules.expiresWithWindow else { return nil }
        switch conversation.state {
        case .automated, .queued, .offered, .open, .pending(.parked), .pending(.disconnected):
            return conversation.window.expireTime(length: rules.window(bot: conversation.state == .automated))
        case .pending(.awaitingReply), .expired, .closed: return nil
        }
    }

    /// The time to warn of its end, where a customer waits for an answer.
    var warningTime: Instant? {
        guard conversation.waitingOn == .agent, let windowEnd else { return nil }
        return windowEnd.advanced(by: .zero - Self.warningBefore)
    }

    private var nextOfWindow: Instant? {
        if let warningTime, now < warningTime { return warningTime }
        return windowEnd
    }

    // MARK: - Closing

    private var isAwaiting: Bool { conversation.state == .pending(.awaitingReply) }

    /// Counted from the answer on that waits for the customer (C38).
    private var inactiveTime: Instant? {
        guard conversation.waitingOn == .customer, let since = conversation.waitingSince, let after = closing.inactiveAfter
        else { return nil }
        switch conversation.state {
        case .automated, .queued, .offered, .open, .pending(.parked), .pending(.disconnected):
            return since.advanced(by: after)
        case .pending(.awaitingReply), .expired, .closed: return nil
        }
    }

    private var noticeTime: Instant? {
        guard let notice = closing.notice else { return nil }
        return inactiveTime?.advanced(by: .zero - notice.before)
    }

    private var expiredTooLongTime: Instant? {
        guard case .expired = conversation.state, let after = closing.closeExpiredAfter else { return nil }
        return conversation.stateTime.advanced(by: after)
    }
}

/// What of a conversation decides its timers. While it stays as it was stored, the timers stay: that a window moved on is found
/// out when the old one's end comes.
struct TimerBasis: Hashable, Sendable {
    private var state: ConversationState
    private var stateTime: Instant
    private var departmentID: UUID?
    private var hasWindow: Bool
    private var waitingOn: WaitingOn
    private var waitingSince: Instant?
    private var times: [Instant?]

    init(_ conversation: Conversation) {
        state = conversation.state
        stateTime = conversation.stateTime
        departmentID = conversation.departmentID
        hasWindow = conversation.window.lastInbound != nil
        waitingOn = conversation.waitingOn
        waitingSince = conversation.waitingSince
        times = [conversation.autoClose, conversation.resumeExpires, conversation.remind, conversation.botAwaited]
    }
}
