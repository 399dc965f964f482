import EventLog
import FoundationEssentials
import ServiceRuntime
import WallTime

/// What happened to a ticket, as its history and the log tell it.
struct Step: Sendable {
    var kind: TicketNews.Kind
    var reason = ""
    /// Nil: product time.
    var time: Instant?
    /// What it means for the clocks; nil: nothing.
    var signal: ClockBook.Signal?
    var commentID: UUID?
    var isInternalComment = false
    var conversationID: UUID?
    var otherTicketID: UUID?
}

extension Work {
    /// Brings the clocks along, and stores the ticket with its line of history and its events.
    /// - Parameter beginning: when a new ticket's clocks begin; nil: it is not new.
    func save(_ open: inout OpenTicket, _ step: Step, beginning: Instant? = nil) async throws {
        let time = step.time ?? now
        let dueBefore = open.clocks.book.clocks[.resolution]?.due
        open.ticket.waitingOn = open.conversations.waitingOn
        let clocksBefore = open.clocks.book.clocks
        var alarms: [ClockBook.Alarm] = []
        if let beginning { alarms += try await moveClocks(&open, .created, at: beginning) }
        if let signal = step.signal { alarms += try await moveClocks(&open, signal, at: time) }
        open.ticket.updated = max(open.ticket.updated, now)
        // A ticket's row comes before all that points to it.
        if open.before == nil { try await store.insert(open.ticket) }
        try await save(open.clocks, of: open.ticket.id)
        let attained = ClockKind.allCases.filter { kind in
            open.clocks.book.clocks[kind]?.isNewlyAttained(since: clocksBefore[kind]) ?? false
        }
        try await tell(&open, step, at: time, dueBefore: dueBefore, attained: attained)
        try await count(step.kind, of: open, attained: attained, at: time)
        for alarm in alarms { try await tell(alarm, of: &open) }
        if open.before != nil { open.ticket.version += 1 }
        try await store.update(open.ticket)
        try await tellConversations(open)
        open.before = open.ticket
        open.newlyLinked = []
        // What was stored is what later steps of this transaction start from.
        open.clocks = try await clocks(of: [open.ticket.id])[open.ticket.id] ?? LoadedClocks()
    }

    /// The resolution's end before and after, the fields, the status: one line and one event.
    private func tell(
        _ open: inout OpenTicket, _ step: Step, at time: Instant, dueBefore: Instant?, attained: [ClockKind]
    ) async throws {
        var changes = FieldChange.between(open.before?.fields ?? TicketFields(), open.ticket.fields)
        func note(_ path: String, _ before: String, _ after: String) {
            if before != after { changes.append(FieldChange(path: path, before: before, after: after)) }
        }
        note("status", open.before?.status.rawValue ?? "", open.ticket.status.rawValue)
        note(
            "merged_into_ticket_id", open.before.flatMap(\.mergedInto).text, open.ticket.mergedInto.text)
        // Its every change is in the audit (C31).
        let due = open.clocks.book.clocks[.resolution]?.due
        note("estimated_resolution_time", dueBefore?.rfc3339 ?? "", due?.rfc3339 ?? "")
        open.ticket.historyCount += 1
        let entry = HistoryEntry(
            number: open.ticket.historyCount, kind: step.kind.word, time: time, actor: caller.actor,
            reason: step.reason,
            changes: changes)
        try await store.insert(entry, of: open.ticket.id)
        var news = news(step.kind, open)
        news.paths = changes.map(\.path)
        news.attained = attained
        news.isInternal = news.isInternal || step.isInternalComment
        (news.commentID, news.conversationID, news.otherTicketID) = (
            step.commentID, step.conversationID, step.otherTicketID
        )
        try await surroundings.events.append(
            [news.event(tenantID: tenantID, time: time)], in: transaction)
    }

    /// A clock's warning or breach, stamped with the moment that was due (guarantee 8).
    func tell(_ alarm: ClockBook.Alarm, of open: inout OpenTicket) async throws {
        let (kind, clock, time): (TicketNews.Kind, ClockKind, Instant) =
            switch alarm {
            case .warning(let clock, let time): (.warned, clock, time)
            case .breach(let clock, let time): (.breached, clock, time)
            }
        open.ticket.historyCount += 1
        try await store.insert(
            HistoryEntry(
                number: open.ticket.historyCount, kind: kind.word, time: time, actor: .system,
                reason: clock.rawValue,
                changes: []), of: open.ticket.id)
        var news = news(kind, open)
        news.actor = .system
        news.clock = clock
        try await surroundings.events.append(
            [news.event(tenantID: tenantID, time: time)], in: transaction)
        if kind == .breached { try await count(breachOf: clock, of: open, at: time) }
        if kind == .warned { warnConversations(open, clock, at: time) }
    }

    private func news(_ kind: TicketNews.Kind, _ open: OpenTicket) -> TicketNews {
        TicketNews(
            kind: kind, ticketID: open.ticket.id, actor: caller.actor, statusBefore: open.before?.status,
            statusAfter: open.ticket.status, assigneeBefore: open.before?.fields.assigneeID,
            assigneeAfter: open.ticket.fields.assigneeID, isInternal: open.ticket.fields.type == .internal,
            departmentAfter: open.ticket.fields.departmentID, channel: open.ticket.channel
        )
    }

    private func moveClocks(
        _ open: inout OpenTicket, _ signal: ClockBook.Signal, at time: Instant
    ) async throws -> [ClockBook.Alarm] {
        let promises = try await promises()
        let match = promises.match(open.ticket, at: time)
        open.ticket.policyID = match.policyID
        let situation = ClockBook.Situation(
            status: open.ticket.status, waitingOn: open.ticket.waitingOn,
            isMerged: open.ticket.mergedInto != nil,
            terms: promises.terms(match))
        return open.clocks.book.take(signal, at: time, situation)
    }
}
