import WallTime

/// The clocks of one ticket, and what moves them. A clock is kept from the beginning, also while no policy gives it a target, so that
/// a policy that comes later finds what has been consumed.
struct ClockBook: Sendable, Hashable {
    var clocks: [ClockKind: TicketClock] = [:]

    /// Where the ticket stands when something happens to it.
    struct Situation: Sendable, Hashable {
        var status: TicketStatus
        var waitingOn: WaitingOn
        var isMerged = false
        /// What policies promise now, by kind.
        var terms: [ClockKind: ClockTerms]
    }

    /// What happens.
    enum Signal: Sendable, Hashable {
        /// The ticket begins.
        case created
        /// A customer wrote in one of its conversations.
        case customerWrote
        /// A human answered.
        case answered
        /// Its status, whose turn it is, its policies or a calendar are no longer what they were; the word says which.
        case changed(String)
    }

    /// Something that must be told, stamped with the moment that was due (guarantee 8).
    enum Alarm: Sendable, Hashable {
        case warning(ClockKind, Instant)
        case breach(ClockKind, Instant)
    }

    /// Brings the clocks to where they belong, as of an instant.
    /// - Returns: what had run out by then and was not told yet.
    mutating func take(_ signal: Signal, at time: Instant, _ situation: Situation) -> [Alarm] {
        // What was due before this happened is told as it was then.
        let before = ClockKind.allCases.flatMap { alarms($0, until: time) }
        let cause: String
        switch signal {
        case .created:
            begin(.resolution, at: time, "started", situation)
            cause = "started"
        case .customerWrote:
            customerWrote(at: time, situation)
            cause = "waiting"
        case .answered:
            for kind in [ClockKind.firstResponse, .nextResponse] where clocks[kind]?.isLive ?? false {
                end(kind, .met, at: time, "answered")
            }
            cause = "waiting"
        case .changed(let word): cause = word
        }
        for kind in ClockKind.allCases { settle(kind, at: time, cause, situation) }
        return before + ClockKind.allCases.flatMap { alarms($0, until: time) }
    }

    /// What is due by an instant and was not told yet; from then on it counts as told.
    mutating func alarms(_ kind: ClockKind, until now: Instant) -> [Alarm] {
        guard var clock = clocks[kind] else { return [] }
        var alarms: [Alarm] = []
        if let warning = clock.warning, warning <= now {
            clock.warned = warning
            alarms.append(.warning(kind, warning))
        }
        if clock.breached == nil, let breach = clock.log.exhaustion(until: now) {
            clock.breached = breach
            alarms.append(.breach(kind, breach))
        }
        clocks[kind] = clock
        return alarms
    }
}

// MARK: - Parts

extension ClockBook {
    /// The first message begins the first response; a later one the next response, unless an answer is waited for already.
    private mutating func customerWrote(at time: Instant, _ situation: Situation) {
        guard let first = clocks[.firstResponse] else { return begin(.firstResponse, at: time, "customer_wrote", situation) }
        guard !first.isLive, !(clocks[.nextResponse]?.isLive ?? false) else { return }
        begin(.nextResponse, at: time, "customer_wrote", situation)
    }

    private mutating func begin(_ kind: ClockKind, at time: Instant, _ cause: String, _ situation: Situation) {
        guard situation.status.category != .ended, !situation.isMerged, !(clocks[kind]?.isLive ?? false) else { return }
        let terms = situation.terms[kind]
        let entry = ClockEntry(time: time, state: Self.running(terms, situation), terms: terms, cause: cause)
        clocks[kind] = TicketClock(kind, cycle: (clocks[kind]?.cycle ?? 0) + 1, first: entry)
    }

    private mutating func end(_ kind: ClockKind, _ state: ClockState, at time: Instant, _ cause: String) {
        guard let clock = clocks[kind], clock.current.state != state else { return }
        clocks[kind]?.append(ClockEntry(time: time, state: state, terms: clock.current.terms, cause: cause))
    }

    /// Where a clock belongs as the ticket stands.
    private mutating func settle(_ kind: ClockKind, at time: Instant, _ cause: String, _ situation: Situation) {
        guard let clock = clocks[kind] else { return }
        if situation.isMerged {
            if clock.isLive { end(kind, .ended, at: time, "merged") }
            return
        }
        switch situation.status.category {
        case .ended:
            if clock.isLive { end(kind, .ended, at: time, cause) }
        case .resolved:
            if clock.isLive { end(kind, kind == .resolution ? .met : .ended, at: time, cause) }
        case .active, .waiting:
            // A resolution goes on when its ticket does (C39); an answer once given stays given, and one that a merge or the
            // resolution ended is waited for again only when nobody has given it.
            guard clock.isLive || kind == .resolution || clock.isResumable else { return }
            adjust(kind, clock, at: time, cause, situation)
        }
    }

    private mutating func adjust(
        _ kind: ClockKind, _ clock: TicketClock, at time: Instant, _ cause: String, _ situation: Situation
    ) {
        let terms = situation.terms[kind]
        let state = Self.running(terms ?? clock.current.terms, situation)
        guard state != clock.current.state || terms != clock.current.terms else { return }
        clocks[kind]?.append(ClockEntry(time: time, state: state, terms: terms, cause: cause))
    }

    private static func running(_ terms: ClockTerms?, _ situation: Situation) -> ClockState {
        let isPaused = terms?.rule.isPaused(status: situation.status, waitingOn: situation.waitingOn) ?? false
        return isPaused ? .paused : .running
    }
}

extension TicketClock {
    /// It was ended by a merge that was undone since.
    fileprivate var isResumable: Bool { current.state == .ended && current.cause == "merged" }
}
