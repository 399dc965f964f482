import EventLog
import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// A policy, a calendar or the settings have changed: the clocks that run go over to what holds now, as of the moment of the change,
/// and keep what they have consumed (C31, guarantee 7). Done in jobs of some tickets each, so that no transaction is long.
struct Remeasuring: Sendable {
    static let kind = "remeasure"
    static let ticketsAtOnce = 50

    struct Payload: Codable {
        var microseconds: Int64
        var cause: String
        var name: String
        /// The last ticket dealt with.
        var after: UUID?
    }

    let surroundings: Surroundings

    func perform(_ job: Job) throws -> JobOutcome {
        guard let payload = try? JSONDecoder().decode(Payload.self, from: Data(job.payload)) else {
            return .failed(reason: "the job's payload cannot be read")
        }
        return .done { transaction in
            let work = surroundings.ownWork(job.tenantID, transaction)
            let ids = try await work.store.livingTickets(after: payload.after, limit: Self.ticketsAtOnce)
            for var open in try await work.opened(ids) { try await work.remeasure(&open, payload) }
            guard ids.count == Self.ticketsAtOnce, let last = ids.last else { return }
            var next = payload
            next.after = last
            work.enqueue(next)
        }
    }
}

extension Work {
    /// Begins it, in the transaction of the change.
    /// - Parameter name: of the change, unlike that of any other.
    func remeasure(_ cause: String, _ name: String) {
        enqueue(
            Remeasuring.Payload(microseconds: now.microseconds, cause: cause, name: name, after: nil))
    }

    fileprivate func enqueue(_ payload: Remeasuring.Payload) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let bytes = try? encoder.encode(payload) else {
            preconditionFailure("a job's payload has no JSON form")
        }
        surroundings.jobs.enqueue(
            [
                NewJob(
                    tenantID: tenantID, kind: Remeasuring.kind,
                    cause: "\(payload.cause)/\(payload.name)/\(payload.after.text)",
                    payload: Array(bytes), orderingKey: tenantID)
            ], in: transaction)
    }

    fileprivate func remeasure(_ open: inout OpenTicket, _ payload: Remeasuring.Payload) async throws {
        let before = open
        let time = Instant(microseconds: payload.microseconds)
        var trial = open.clocks.book
        let promises = try await promises()
        let match = promises.match(open.ticket, at: time)
        _ = trial.take(
            .changed(payload.cause), at: time,
            .init(
                status: open.ticket.status, waitingOn: open.ticket.waitingOn,
                isMerged: open.ticket.mergedInto != nil,
                terms: promises.terms(match)))
        // What the change is nothing to is left as it is; conversations may have to know of other required fields.
        guard
            trial != before.clocks.book || match.policyID != open.ticket.policyID
                || payload.cause == "settings"
        else { return }
        guard trial != before.clocks.book || match.policyID != open.ticket.policyID else {
            return try await tellRequired(open)
        }
        try await save(
            &open,
            Step(kind: .clocksChanged, reason: payload.cause, time: time, signal: .changed(payload.cause))
        )
    }
}
