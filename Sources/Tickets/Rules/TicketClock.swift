import FoundationEssentials
import WallTime
import WorkingTime

/// A target as one clock has it: of a policy, in one version of a calendar.
struct ClockTerms: Sendable, Hashable {
    var policyID: UUID
    var target: Duration
    var warnBefore: Duration?
    var rule: ClockRule
    /// Nil: around the clock.
    var calendar: CalendarVersion?
}

/// A calendar as it was at one time; versions are kept, so that a log can always be counted again.
struct CalendarVersion: Sendable, Hashable {
    struct Key: Sendable, Hashable {
        var calendarID: UUID
        var version: Int
    }

    var key: Key
    var calendar: WorkingCalendar
}

/// One line of a clock's log.
struct ClockEntry: Sendable, Hashable {
    var time: Instant
    var state: ClockState
    var terms: ClockTerms?
    /// Why: "started", "waiting", "status", "policy", "calendar" and the like.
    var cause: String

    var step: ClockLog.Step {
        ClockLog.Step(
            time: time, state: state, target: terms?.target, calendar: terms.map { $0.calendar?.calendar ?? .always })
    }
}

/// One clock of a ticket: its log, and what has been told of it.
struct TicketClock: Sendable, Hashable {
    var kind: ClockKind
    /// Counts the times it was begun anew; a next response is waited for again and again.
    var cycle = 1
    private(set) var entries: [ClockEntry]
    private(set) var log: ClockLog
    /// The moments that were due when it warned and ran out: told once in a cycle, whatever changes later (C39).
    var warned: Instant?
    var breached: Instant?

    init(_ kind: ClockKind, cycle: Int = 1, first: ClockEntry) {
        self.kind = kind
        self.cycle = cycle
        entries = [first]
        guard let log = ClockLog([first.step]) else { preconditionFailure("one step makes a log") }
        self.log = log
    }

    /// - Returns: nil if there are no entries.
    init?(_ kind: ClockKind, cycle: Int, entries: [ClockEntry]) {
        guard let log = ClockLog(entries.map(\.step)) else { return nil }
        self.kind = kind
        self.cycle = cycle
        self.entries = entries
        self.log = log
    }

    var current: ClockEntry { entries[entries.count - 1] }
    var isLive: Bool { current.state == .running || current.state == .paused }
    var start: Instant { entries[0].time }
    var due: Instant? { log.due }
    /// Once it has warned, or run out, it warns no more.
    var warning: Instant? { warned == nil && breached == nil ? log.warning(before: current.terms?.warnBefore) : nil }

    mutating func append(_ entry: ClockEntry) {
        var entry = entry
        entry.time = max(entry.time, current.time)
        entries.append(entry)
        guard let log = ClockLog(entries.map(\.step)) else { return }
        self.log = log
    }
}
