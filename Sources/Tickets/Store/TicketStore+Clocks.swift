import FoundationEssentials
import Postgres
import WallTime

/// A clock's row, and the lines of its present cycle.
struct StoredClock: Sendable {
    var ticketID: UUID
    var kind: ClockKind
    var cycle: Int
    /// Lines of all cycles: the next one's number is one more.
    var entryCount: Int
    var warned: Instant?
    var breached: Instant?
}

/// A line of a clock's log as it is stored; its calendar is named, not held.
struct StoredEntry: Sendable {
    var ticketID: UUID
    var kind: ClockKind
    var number: Int
    var cycle: Int
    var time: Instant
    var state: ClockState
    var cause: String
    var policyID: UUID?
    var targetMicroseconds: Int64?
    var warnBeforeMicroseconds: Int64?
    var rule: ClockRule
    var calendar: CalendarVersion.Key?
}

extension TicketStore {
    func clocks(of tickets: [UUID]) async throws -> [StoredClock] {
        try await transaction.query(
            """
            select ticket_id, kind, cycle, entry_count, warned_time, breach_time
            from tickets.ticket_clock
            where tenant_id = \(tenantID) and ticket_id = any(\(tickets))
            """
        ).map(StoredClock.init(row:))
    }

    /// The lines of the present cycles, in their order.
    func currentEntries(of tickets: [UUID]) async throws -> [StoredEntry] {
        try await transaction.query(
            """
            select \(fragment: Self.entryColumns)
            from tickets.clock_entry entry
            join tickets.ticket_clock clock using (tenant_id, ticket_id, kind)
            where tenant_id = \(tenantID) and ticket_id = any(\(tickets)) and entry.cycle = clock.cycle
            order by ticket_id, kind, entry.number
            """
        ).map(StoredEntry.init(row:))
    }

    /// The lines of all cycles, by kind and in their order, after a place.
    func entries(of ticket: UUID, after place: (kind: String, number: Int)?, limit: Int) async throws
        -> [StoredEntry]
    {
        try await transaction.query(
            """
            select \(fragment: Self.entryColumns)
            from tickets.clock_entry entry
            where tenant_id = \(tenantID) and ticket_id = \(ticket)
                and (entry.kind, entry.number) > (\(place?.kind ?? ""), \(place?.number ?? 0))
            order by entry.kind, entry.number
            limit \(limit)
            """
        ).map(StoredEntry.init(row:))
    }

    static let entryColumns: SQL = """
        entry.ticket_id, entry.kind, entry.number, entry.cycle, entry.occur_time, entry.state, entry.cause, entry.policy_id,
        entry.target_microseconds, entry.warn_before_microseconds, entry.pauses, entry.pause_statuses, entry.calendar_id,
        entry.calendar_version
        """

    /// What a clock's log says now.
    func put(_ clock: TicketClock, of ticket: UUID, entryCount: Int) async throws {
        try await transaction.query(
            """
            insert into tickets.ticket_clock
                (tenant_id, ticket_id, kind, cycle, entry_count, state, due_time, warned_time, breach_time)
            values
                (\(tenantID), \(ticket), \(clock.kind.rawValue), \(clock.cycle), \(entryCount),
                 \(clock.current.state.rawValue), \(clock.due), \(clock.warned), \(clock.breached))
            on conflict (tenant_id, ticket_id, kind) do update
            set cycle = excluded.cycle, entry_count = excluded.entry_count, state = excluded.state,
                due_time = excluded.due_time, warned_time = excluded.warned_time, breach_time = excluded.breach_time
            """)
    }

    func append(_ entry: ClockEntry, of kind: ClockKind, cycle: Int, number: Int, ticket: UUID)
        async throws
    {
        let terms = entry.terms
        try await transaction.query(
            """
            insert into tickets.clock_entry
                (tenant_id, ticket_id, kind, number, cycle, occur_time, state, cause, policy_id, target_microseconds,
                 warn_before_microseconds, pauses, pause_statuses, calendar_id, calendar_version)
            values
                (\(tenantID), \(ticket), \(kind.rawValue), \(number), \(cycle), \(entry.time), \(entry.state.rawValue),
                 \(entry.cause), \(terms?.policyID), \(terms?.target.microseconds), \(terms?.warnBefore?.microseconds),
                 \(terms?.rule.pauses ?? false), \((terms?.rule.pauseStatuses ?? []).map(\.rawValue).sorted()),
                 \(terms?.calendar?.key.calendarID), \(terms?.calendar?.key.version))
            """)
    }

    // MARK: - Alarms

    /// When a worker must look at a clock again.
    func setAlarm(_ ticket: UUID, _ kind: ClockKind, due: Instant) async throws {
        try await transaction.query(
            """
            insert into tickets.clock_alarm as alarm (tenant_id, ticket_id, kind, due_time)
            values (\(tenantID), \(ticket), \(kind.rawValue), \(due))
            on conflict (tenant_id, ticket_id, kind) do update
            set due_time = excluded.due_time, lease_until = '-infinity', token = alarm.token + 1
            """)
    }

    func clearAlarm(_ ticket: UUID, _ kind: ClockKind) async throws {
        try await transaction.query(
            """
            delete from tickets.clock_alarm
            where tenant_id = \(tenantID) and ticket_id = \(ticket) and kind = \(kind.rawValue)
            """)
    }

    /// - Returns: false where the lease is another worker's by now, or the alarm is gone.
    func end(_ alarm: DueAlarm) async throws -> Bool {
        try await transaction.query(
            """
            delete from tickets.clock_alarm
            where tenant_id = \(tenantID) and ticket_id = \(alarm.ticketID) and kind = \(alarm.kind.rawValue)
                and token = \(alarm.token)
            """
        ).affected == 1
    }
}

/// An alarm under a worker's lease.
struct DueAlarm: Sendable, Hashable {
    var tenantID: UUID
    var ticketID: UUID
    var kind: ClockKind
    var token: Int64
}

// MARK: - Rows

extension StoredClock {
    fileprivate init(row: Row) throws {
        self.init(
            ticketID: try row["ticket_id"], kind: try ClockKind(stored: row["kind"]),
            cycle: try row["cycle"],
            entryCount: try row["entry_count"], warned: try row["warned_time"],
            breached: try row["breach_time"])
    }
}

extension StoredEntry {
    fileprivate init(row: Row) throws {
        let calendarID: UUID? = try row["calendar_id"]
        let calendarVersion: Int? = try row["calendar_version"]
        let statuses: [String] = try row["pause_statuses"]
        self.init(
            ticketID: try row["ticket_id"], kind: try ClockKind(stored: row["kind"]),
            number: try row["number"],
            cycle: try row["cycle"], time: try row["occur_time"],
            state: try ClockState(stored: row["state"]),
            cause: try row["cause"], policyID: try row["policy_id"],
            targetMicroseconds: try row["target_microseconds"],
            warnBeforeMicroseconds: try row["warn_before_microseconds"],
            rule: ClockRule(
                pauses: try row["pauses"], pauseStatuses: Set(try statuses.map(TicketStatus.init(stored:)))),
            calendar: calendarID.flatMap { id in
                calendarVersion.map { CalendarVersion.Key(calendarID: id, version: $0) }
            })
    }
}

extension Duration {
    /// Whole microseconds, rounded towards zero; clamped to what 64 bits hold.
    var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        return overflow ? (seconds < 0 ? .min : .max) : scaled + attoseconds / 1_000_000_000_000
    }
}
