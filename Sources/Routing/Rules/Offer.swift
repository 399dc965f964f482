import WallTime

/// The offer that a conversation has had last, where it came to nothing (C14).
struct LapsedOffer: Sendable, Hashable {
    /// So long he is not offered the same one again, unless another was in between.
    static let rest: Duration = .seconds(30)

    var agent: AgentID
    /// When it ended.
    var ended: Instant

    /// Whether the agent must not be offered it now. Another's offer in between has taken this one's place.
    func excludes(_ candidate: AgentID, at now: Instant) -> Bool {
        candidate == agent && now < over
    }

    /// From when on everybody may be offered it.
    var over: Instant { ended.advanced(by: Self.rest) }
}

/// How an offer ended, as it counts for the row of missed ones.
enum OfferEnd: Sendable, Hashable, CaseIterable {
    case accepted, declined, timedOut
    /// The offeree went away or offline, or somebody else took it: it says nothing of him.
    case withdrawn

    /// The offers missed in a row, after it: an answer of any kind ends the row.
    func missed(after missed: Int) -> Int {
        switch self {
        case .timedOut: missed + 1
        case .accepted, .declined: 0
        case .withdrawn: missed
        }
    }
}
