import FoundationEssentials
import WallTime
import WorkingTime

/// A ticket's clocks, and how many lines of each are stored.
struct LoadedClocks: Sendable {
    struct Stored: Sendable, Hashable {
        /// Of all cycles.
        var entryCount: Int
        var cycle: Int
        /// Of the present cycle.
        var inCycle: Int
    }

    var book = ClockBook()
    var stored: [ClockKind: Stored] = [:]
}

/// What a tenant promises now.
struct Promises: Sendable {
    var settings: TicketSettings
    var policies: [SLAPolicy]
    var tree: CategoryTree
    var calendars: [UUID: CalendarVersion]

    /// The policies' answer for a ticket, as of an instant.
    func match(_ ticket: Ticket, at now: Instant) -> PolicyMatch {
        PolicyMatch(
            policies, ticket.facts(categoryPath: tree.path(of: ticket.fields.categoryID)),
            strictest: settings.strictest
        ) { policy, target in calendar(of: policy).instant(after: target.target, openSince: now) }
    }

    func calendar(of policy: SLAPolicy) -> WorkingCalendar {
        policy.calendarID.flatMap { calendars[$0]?.calendar } ?? .always
    }

    func terms(_ match: PolicyMatch) -> [ClockKind: ClockTerms] {
        match.choices.mapValues { choice in
            ClockTerms(
                policyID: choice.policy.id, target: choice.target.target,
                warnBefore: choice.target.warnBefore,
                rule: ClockRule(pauses: choice.target.pauses, pauseStatuses: choice.policy.pauseStatuses),
                calendar: choice.policy.calendarID.flatMap { calendars[$0] })
        }
    }
}

extension Work {
    func promises() async throws -> Promises {
        let settings = try await settings()
        let policies = try await store.policies()
        let tree = CategoryTree(try await store.categories())
        var calendars: [UUID: CalendarVersion] = [:]
        if policies.contains(where: { $0.calendarID != nil }) {
            for calendar in try await store.calendars() {
                calendars[calendar.id] = CalendarVersion(
                    key: calendar.key, calendar: try surroundings.calendars.calendar(calendar.hours))
            }
        }
        return Promises(settings: settings, policies: policies, tree: tree, calendars: calendars)
    }

    /// Clocks as their logs tell them.
    func clocks(of tickets: [UUID]) async throws -> [UUID: LoadedClocks] {
        let stored = try await store.clocks(of: tickets)
        guard !stored.isEmpty else { return [:] }
        let entries = try await store.currentEntries(of: tickets)
        let hours = try await store.hours(Set(entries.compactMap(\.calendar)))
        let calendars = try hours.mapValues { try surroundings.calendars.calendar($0) }
        let lines = Dictionary(grouping: entries) { Line(ticketID: $0.ticketID, kind: $0.kind) }
        var loaded: [UUID: LoadedClocks] = [:]
        for row in stored {
            let own = lines[Line(ticketID: row.ticketID, kind: row.kind)] ?? []
            guard
                var clock = TicketClock(
                    row.kind, cycle: row.cycle, entries: own.map { $0.entry(calendars) })
            else { continue }
            (clock.warned, clock.breached) = (row.warned, row.breached)
            loaded[row.ticketID, default: LoadedClocks()].book.clocks[row.kind] = clock
            loaded[row.ticketID]?.stored[row.kind] = .init(
                entryCount: row.entryCount, cycle: row.cycle, inCycle: own.count)
        }
        return loaded
    }

    /// Writes what is new of a ticket's clocks, and when a worker must look at them again.
    func save(_ clocks: LoadedClocks, of ticket: UUID) async throws {
        for (kind, clock) in clocks.book.clocks.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            let stored = clocks.stored[kind]
            let known = stored?.cycle == clock.cycle ? stored?.inCycle ?? 0 : 0
            let first = (stored?.entryCount ?? 0) + 1
            let new = Array(clock.entries.dropFirst(known).enumerated())
            try await store.put(clock, of: ticket, entryCount: first - 1 + new.count)
            for (index, entry) in new {
                try await store.append(
                    entry, of: kind, cycle: clock.cycle, number: first + index, ticket: ticket)
            }
            if let next = clock.nextAlarm {
                try await store.setAlarm(ticket, kind, due: next)
                let surroundings = surroundings
                transaction.afterCommit { surroundings.pool.notify(AlarmWorker.hint) }
            } else if stored != nil {
                try await store.clearAlarm(ticket, kind)
            }
        }
    }

    private struct Line: Hashable {
        var ticketID: UUID
        var kind: ClockKind
    }
}

extension StoredEntry {
    func entry(_ calendars: [CalendarVersion.Key: WorkingCalendar]) -> ClockEntry {
        let terms = policyID.flatMap { policyID in
            targetMicroseconds.map { target in
                ClockTerms(
                    policyID: policyID, target: .microseconds(target),
                    warnBefore: warnBeforeMicroseconds.map { .microseconds($0) }, rule: rule,
                    calendar: calendar.flatMap { key in
                        calendars[key].map { CalendarVersion(key: key, calendar: $0) }
                    })
            }
        }
        return ClockEntry(time: time, state: state, terms: terms, cause: cause)
    }
}

extension TicketClock {
    /// The next moment at which there is something to tell; nil where there is nothing.
    var nextAlarm: Instant? {
        [warning, breached == nil ? due : nil].compactMap { $0 }.min()
    }
}
