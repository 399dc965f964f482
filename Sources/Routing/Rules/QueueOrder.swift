import WallTime

/// How urgent a conversation is, the most urgent last (C57).
enum Priority: Int, Sendable, Hashable, CaseIterable, Comparable {
    case low = 1
    case normal, high, urgent

    static func < (left: Priority, right: Priority) -> Bool { left.rawValue < right.rawValue }
}

/// The order in which a department's queue is served, whatever order somebody looks at it in (C30, S3).
struct QueueOrder: Sendable, Hashable {
    /// The more urgent first.
    let byPriority: Bool

    /// Total: no two conversations have the same place.
    func precedes(_ one: QueuePlace, _ other: QueuePlace) -> Bool {
        if byPriority, one.priority != other.priority { return one.priority > other.priority }
        if one.arrival != other.arrival { return one.arrival < other.arrival }
        return one.id < other.id
    }
}

/// What of a conversation its place in a queue depends on.
struct QueuePlace: Sendable, Hashable {
    var id: ConversationID
    var priority: Priority
    /// C43: kept through every return that is no new beginning.
    var arrival: Instant
}
