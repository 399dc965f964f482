import ConversationsV1
import RoutingV1
import ServiceRuntime
import TicketsV1
import WallTime

/// What a day leaves behind: the three event streams, read from their beginnings, and what those who took part were told.
struct DayRecord: Sendable {
    var conversations: [ConversationEvent] = []
    var routing: [RoutingEvent] = []
    var tickets: [TicketEvent] = []
    /// When the clock stood at its last instant.
    var end = Instant.earliest
    var ledger = DayLedger()
}

/// What those who took part were answered.
struct DayLedger: Sendable {
    /// Messages that a provider delivered and that were taken, by account and provider's id; delivered how often.
    var delivered: [String: Int] = [:]
    /// Texts that agents and bots were told are sent.
    var sent: [String] = []
    /// By conversation: what agents were told has happened, each counted once however often it was asked for.
    var transfers: [String: Int] = [:]
    var pauses: [String: Int] = [:]
    var closes: [String: Int] = [:]
    /// Repeated requests whose second answer was another one.
    var unlikeAnswers: [String] = []
    /// Policy refusals of the provider (guarantee 13).
    var providerRefusals: [Int] = []
    var providerTaken = 0
    /// What was refused, by act and reason.
    var refusals: [String: Int] = [:]
    var requests = 0
}

extension DayLedger {
    static func key(account: String, providerID: String) -> String { "\(account)/\(providerID)" }
}

/// A promise that did not hold.
struct DayFinding: Sendable, Hashable, CustomStringConvertible {
    /// Number of the guarantee in SPEC.md 11.
    var guarantee: Int
    var description: String

    init(_ guarantee: Int, _ description: String) {
        self.guarantee = guarantee
        self.description = "guarantee \(guarantee): \(description)"
    }
}

extension DayRecord {
    /// Figures for people.
    var summary: String {
        func count(_ kind: ConversationEventKind) -> Int { conversations.count { $0.kind == kind } }
        let expired = conversations.count { $0.kind == .expired }
        let alarms = tickets.count { $0.kind == .warned }, breaches = tickets.count { $0.kind == .breached }
        return """
            \(count(.created)) conversations, \(count(.messageAdded)) messages, \(count(.offered)) offers, \(count(.accepted)) accepted, \
            \(count(.transferred)) transferred, \(count(.pending)) paused, \(expired) expired, \(count(.closed)) closed; \
            \(routing.count { $0.kind == .presence && $0.presenceAfter == .offline }) agents lost; \(alarms) warnings, \
            \(breaches) breaches; \(ledger.requests) requests, \(ledger.delivered.values.reduce(0, +)) deliveries of \
            \(ledger.delivered.count) messages, \(ledger.providerTaken) at the providers; refused: \
            \(ledger.refusals.map { "\($0.key) \($0.value)" }.sorted())
            """
    }
}
