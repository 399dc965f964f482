import WallTime

/// Whether an agent wants work (C56).
struct AgentStatus: Sendable, Hashable {
    enum Availability: String, Sendable, Hashable, CaseIterable {
        case available, away, offline
    }

    /// Why the system sets somebody away (C14).
    static let missedOffers = "missed_offers"
    /// Offers let pass in a row that do so.
    static let missedOffersMax = 3

    var availability: Availability
    var reason = ""
    /// When he is back; `nil`: he will say so.
    var until: Instant?
    var changed: Instant
    /// Who said so; `nil`: the system.
    var changedBy: AgentID?

    static func available(at now: Instant, by agent: AgentID? = nil) -> AgentStatus {
        AgentStatus(availability: .available, changed: now, changedBy: agent)
    }

    /// What it becomes by itself: an absence that is over ends, but only for somebody who is there.
    func elapsed(at now: Instant, presence: Presence) -> AgentStatus {
        guard availability == .away, let until, until <= now, presence == .online else { return self }
        return .available(at: now)
    }

    /// What it becomes after so many missed offers in a row; `nil`: it stays.
    func missing(_ missed: Int, at now: Instant) -> AgentStatus? {
        guard missed >= Self.missedOffersMax, availability == .available else { return nil }
        return AgentStatus(availability: .away, reason: Self.missedOffers, changed: now)
    }
}
