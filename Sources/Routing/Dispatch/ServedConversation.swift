import WallTime

/// A conversation that is not closed, as routing knows it from its events.
struct ServedConversation: Sendable, Hashable {
    enum State: String, Sendable, Hashable, CaseIterable {
        case automated, queued, offered, open, pending, expired
    }

    var id: ConversationID
    /// The etag's number.
    var version: Int64
    var state: State
    /// Of pending and expired, as in `disconnected`; empty otherwise.
    var reason = ""
    /// Since when it has been in this state.
    var stateTime: Instant
    var department: DepartmentID?
    var assignee: AgentID?
    /// Preferred when it returns to a queue.
    var lastAssignee: AgentID?
    var contact: Identifier<ContactSubject>?
    var pool: SlotPool
    var isWebchat: Bool
    var priority: Priority
    var labels: [String]
    var arrival: Instant
    /// Since when it has stood in its queue; an offer that lapses keeps it.
    var queueTime: Instant?
    var waitsForAgent: Bool
    var waitingSince: Instant?
    var windowExpires: Instant?
    var lapsed: LapsedOffer?
    /// By which method a bot had it distributed (C6).
    var routeMethod: DistributionMethod?

    var place: QueuePlace { QueuePlace(id: id, priority: priority, arrival: arrival) }
    /// What it weighs among those of its pool. The channel's row may say otherwise, which conversations judges by.
    var weight: Int { 1 }
    /// It takes one of its assignee's slots.
    var takesSlot: Bool { state == .offered || state == .open }
}

/// What a contact's id names.
enum ContactSubject {}
