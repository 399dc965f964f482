import FoundationEssentials

/// What a policy looks at in a ticket.
struct TicketFacts: Sendable, Hashable {
    var type: TicketType
    var priorityID: UUID?
    /// The category and those above it, the ticket's own first.
    var categoryPath: [UUID] = []
    var serviceID: UUID?
    var departmentID: UUID?
    var labels: Set<String> = []
}

/// Who may ever see a ticket. Raw values are those of the database.
enum TicketType: String, Sendable, Hashable, CaseIterable {
    case `public`, `internal`
}

/// Which tickets a policy is for: every list that is not empty must hold the ticket's value.
struct PolicyCondition: Sendable, Hashable, Codable {
    var types: [String] = []
    var priorityIDs: [UUID] = []
    var categoryIDs: [UUID] = []
    var serviceIDs: [UUID] = []
    var departmentIDs: [UUID] = []
    var labels: [String] = []

    /// What is said of one list.
    struct Verdict: Sendable, Hashable {
        /// The field of the contract's PolicyCondition.
        var field: String
        var holds: Bool
        /// The ticket's value as text; empty: none.
        var value: String
    }

    /// One verdict for each list that is not empty.
    func verdicts(on facts: TicketFacts) -> [Verdict] {
        var verdicts: [Verdict] = []
        func judge(_ field: String, _ isAsked: Bool, _ holds: Bool, _ value: String) {
            if isAsked { verdicts.append(Verdict(field: field, holds: holds, value: value)) }
        }
        judge("types", !types.isEmpty, types.contains(facts.type.rawValue), facts.type.rawValue)
        judge("priority_ids", !priorityIDs.isEmpty, priorityIDs.holds(facts.priorityID), facts.priorityID.text)
        judge(
            "category_ids", !categoryIDs.isEmpty, facts.categoryPath.contains { categoryIDs.contains($0) },
            facts.categoryPath.first.text)
        judge("service_ids", !serviceIDs.isEmpty, serviceIDs.holds(facts.serviceID), facts.serviceID.text)
        judge("department_ids", !departmentIDs.isEmpty, departmentIDs.holds(facts.departmentID), facts.departmentID.text)
        judge(
            "labels", !labels.isEmpty, labels.contains { facts.labels.contains($0) }, facts.labels.sorted().joined(separator: ",")
        )
        return verdicts
    }
}

/// What is promised for one kind of clock.
struct SLATarget: Sendable, Hashable, Codable {
    var targetMicroseconds: Int64
    var warnBeforeMicroseconds: Int64?
    var pauses: Bool

    var target: Duration { .microseconds(targetMicroseconds) }
    var warnBefore: Duration? { warnBeforeMicroseconds.map { .microseconds($0) } }
}

/// What is promised to tickets that match.
struct SLAPolicy: Sendable, Hashable {
    var id: UUID
    var name: String
    /// The smallest is tried first.
    var rank: Int
    var condition = PolicyCondition()
    var targets: [ClockKind: SLATarget]
    /// Nil: around the clock.
    var calendarID: UUID?
    var pauseStatuses: Set<TicketStatus> = [.pending, .onHold]
    var isArchived = false
    var version: Int64 = 1
}

extension [UUID] {
    fileprivate func holds(_ id: UUID?) -> Bool { id.map(contains) ?? false }
}

extension UUID? {
    /// Lower case, as on the wire; empty where there is none.
    var text: String { map { $0.uuidString.lowercased() } ?? "" }
}
