import FoundationEssentials
import ServiceDatabase
import WallTime

/// What reports count of tickets (C63).
enum TicketMeasure: String, CaseIterable, Sendable {
    case volume, resolution
    case firstResponseSLA = "first_response_sla"
    case nextResponseSLA = "next_response_sla"
    case resolutionSLA = "resolution_sla"

    init(_ clock: ClockKind) {
        switch clock {
        case .firstResponse: self = .firstResponseSLA
        case .nextResponse: self = .nextResponseSLA
        case .resolution: self = .resolutionSLA
        }
    }
}

/// One thing that a report counts.
struct TicketSample: Hashable, Sendable {
    var measure: TicketMeasure
    var time: Instant
    /// What was promised was kept; `nil`: nothing was.
    var isAttained: Bool?
    /// `nil`: only the number counts.
    var duration: Duration?
}

extension TicketClock {
    /// It has a target, and has just been met before it ran out, for the first time in its cycle.
    /// - Parameter before: the clock before that.
    func isNewlyAttained(since before: TicketClock?) -> Bool {
        guard current.state == .met, current.terms != nil, breached == nil else { return false }
        let wasMet = before?.cycle == cycle && before?.current.state == .met
        return !wasMet && entries.filter { $0.state == .met }.count == 1
    }

    /// Its running out decides what was promised: it was not met before, as one is that was reopened.
    func decides(breachedAt time: Instant) -> Bool {
        !entries.contains { $0.state == .met && $0.time < time }
    }
}

extension Work {
    /// Counts a step that has its line in the history.
    func count(_ step: TicketNews.Kind, of open: OpenTicket, attained: [ClockKind], at time: Instant) async throws {
        var samples = attained.map { TicketSample(measure: TicketMeasure($0), time: time, isAttained: true) }
        if step == .created { samples.append(TicketSample(measure: .volume, time: time)) }
        if open.before.map({ $0.status.category != .resolved }) ?? false, open.ticket.status.category == .resolved {
            let duration = max(.zero, open.ticket.created.duration(to: time))
            samples.append(TicketSample(measure: .resolution, time: time, duration: duration))
        }
        for sample in samples { try await store.insert(sample, of: open.ticket) }
    }

    /// Counts what ran out, at the moment that was due.
    func count(breachOf kind: ClockKind, of open: OpenTicket, at time: Instant) async throws {
        guard open.clocks.book.clocks[kind]?.decides(breachedAt: time) ?? false else { return }
        try await store.insert(TicketSample(measure: TicketMeasure(kind), time: time, isAttained: false), of: open.ticket)
    }

    /// Leaves a line in the trail: who does what, when and for whom, is the call's.
    func audit(_ subject: String, paths: [String] = []) {
        AuditTrail(schema: Surroundings.schema).leave(
            AuditLine(caller.author, subject, paths: paths, at: now), of: tenantID, in: transaction)
    }
}
