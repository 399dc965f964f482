import FoundationEssentials
import WallTime
import WorkingTime

/// Who serves a conversation together, by one set of rules.
struct Department: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        case active
        /// Over; its successor has what it had (C41).
        case archived
    }

    var id: DepartmentID
    var state: State
    var fields: DepartmentFields
    var successor: DepartmentID?
    var createTime: Instant
    var updateTime: Instant
    var version: Int64
}

/// What people choose of a department.
struct DepartmentFields: Sendable, Hashable {
    var name: String
    var rules: DepartmentRules
}

/// The rules by which a department works; the defaults are SPEC's.
struct DepartmentRules: Sendable, Hashable, Codable {
    enum AcceptMode: String, Sendable, Hashable, Codable, CaseIterable {
        case explicit
        case onReply = "on_reply"
    }

    enum DisconnectRule: String, Sendable, Hashable, Codable, CaseIterable {
        case pending
        case requeueFront = "requeue_front"
    }

    enum AfterHours: String, Sendable, Hashable, Codable, CaseIterable {
        case queue
        case stayWithBot = "stay_with_bot"
    }

    struct OwnerFallback: Sendable, Hashable, Codable {
        var wait: Milliseconds = 0
        var method = DistributionMethod.leastBusy
    }

    /// How times are stored.
    typealias Milliseconds = Int64

    /// `nil`: the tenant's (C6).
    var method: DistributionMethod?
    /// `nil`: the tenant's.
    var ownerFallback: OwnerFallback?
    var priorityOrder = false
    var acceptMode = AcceptMode.explicit
    var offerTimeout: Milliseconds = 60_000
    var disconnectRule = DisconnectRule.pending
    var restoreWithin: Milliseconds = 600_000
    var pendingRescue: Milliseconds = 120_000
    /// C10: most pending conversations of one agent; `nil`: no limit.
    var pendingLimit: Int?
    /// C10: chats of an agent who has no limit of his own.
    var chatLimit = 5
    var webchatGrace: Milliseconds = 60_000
    var webchatRevive = false
    var botTimeout: Milliseconds = 60_000
    var afterHours = AfterHours.queue
    /// C7: labels for which an agent needs the skill of the same name.
    var skillLabels: [String] = []
    /// `nil`: always.
    var workingHours: WorkingHours?
    /// C20: where its conversations may go; empty: anywhere.
    var transferDepartments: [UUID] = []
    /// C59, C49; `nil`, also in rows of before: the tenant's, none.
    var locale: String?
    var timeZone: String?
    var serviceType: String?
}

extension DistributionMethod: Codable {}

extension DepartmentFields {
    static let writable: [WritableField<DepartmentFields>] = [
        .init("display_name", \.name), .init("method", \.rules.method), .init("owner_fallback", \.rules.ownerFallback),
        .init("priority_order", \.rules.priorityOrder), .init("accept_mode", \.rules.acceptMode),
        .init("offer_timeout", \.rules.offerTimeout), .init("disconnect_rule", \.rules.disconnectRule),
        .init("restore_within", \.rules.restoreWithin), .init("pending_rescue", \.rules.pendingRescue),
        .init("pending_limit", \.rules.pendingLimit), .init("chat_limit", \.rules.chatLimit),
        .init("webchat_grace", \.rules.webchatGrace), .init("webchat_revive", \.rules.webchatRevive),
        .init("bot_timeout", \.rules.botTimeout), .init("after_hours", \.rules.afterHours),
        .init("skill_labels", \.rules.skillLabels), .init("working_hours", \.rules.workingHours),
        .init("transfer_department_ids", \.rules.transferDepartments), .init("locale", \.rules.locale),
        .init("time_zone", \.rules.timeZone), .init("service_type", \.rules.serviceType),
    ]
    static let outputOnly: Set<String> = [
        "department_id", "state", "successor_id", "create_time", "update_time", "etag",
    ]
}

extension DepartmentRules {
    /// Whether it works at a moment. Hours were looked at when they were stored; should the system's zones have lost one since,
    /// the department counts as open, so that nobody waits for ever.
    func isOpen(at instant: Instant) -> Bool {
        guard let workingHours, let calendar = try? workingHours.calendar() else { return true }
        return calendar.isOpen(at: instant)
    }

    /// When it opens next; `nil` where it is open, or never opens.
    func nextOpening(after instant: Instant) -> Instant? {
        guard let workingHours, let calendar = try? workingHours.calendar(), !calendar.isOpen(at: instant) else { return nil }
        return calendar.nextOpening(from: instant)
    }
}
