import WallTime

/// Whether an agent is connected (C35).
enum Presence: String, Sendable, Hashable, CaseIterable {
    /// A heartbeat younger than 10 s.
    case online
    /// Older, up to and including 30 s: keeps what he has, is offered nothing.
    case reconnecting
    /// Older still, or never any.
    case offline
}

/// What is known of an agent's heartbeats: the arithmetic of presence.
struct Heartbeats: Sendable, Hashable {
    /// A beat as old as this is no sign of being there any more.
    static let onlineAge: Duration = .seconds(10)
    /// A beat may be as old as this; what is older means offline (S25).
    static let offlineAge: Duration = .seconds(30)
    /// Product time has no shorter step.
    static let tick: Duration = .microseconds(1)

    /// When the last one was received.
    var last: Instant
    /// Since when they could be received without a break. Time before it does not count against anybody.
    var receivingSince: Instant

    /// Of an agent who was not offline when last looked at: from offline only a heartbeat brings him back.
    func presence(at now: Instant) -> Presence {
        let age = counted.duration(to: now)
        if age < Self.onlineAge { return .online }
        return age <= Self.offlineAge ? .reconnecting : .offline
    }

    /// The first instant at which his presence is another than now, if no beat comes; `nil` where it stays.
    func nextChange(after now: Instant) -> Instant? {
        switch presence(at: now) {
        case .online: counted.advanced(by: Self.onlineAge)
        case .reconnecting: counted.advanced(by: Self.offlineAge + Self.tick)
        case .offline: nil
        }
    }

    /// When a presence was over, which is found out only later where nobody could look.
    func end(of presence: Presence, notAfter now: Instant) -> Instant {
        presence == .online ? min(counted.advanced(by: Self.onlineAge), now) : now
    }

    /// From when the age is counted.
    private var counted: Instant { max(last, receivingSince) }
}

/// Whether this service can receive heartbeats, as its replicas note from time to time by machine time.
enum Reception {
    /// A longer silence of all replicas means that nobody was there to receive.
    static let silenceMax: Duration = .seconds(5)
}
