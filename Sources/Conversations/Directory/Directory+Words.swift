import FoundationEssentials
import WallTime
import WorkingTime

// What a tenant has said once for all: its lists, and languages and zones, of which the first that is set wins (C59).
extension Directory {
    /// C47: where a tenant has set no list.
    static let standardOutcomes = ["resolved", "lost", "spam"]

    /// What Close takes.
    var outcomes: [String] {
        let own = tenant?.outcomes ?? []
        return own.isEmpty ? Self.standardOutcomes : own
    }

    /// - Throws: OUTCOME_UNKNOWN.
    func checkOutcome(_ outcome: String) throws(ConversationsError) {
        if !outcome.isEmpty, !outcomes.contains(outcome) { throw .outcomeUnknown(outcomes) }
    }

    /// C57: labels a conversation has already stay, also where the list has changed since.
    /// - Throws: LABEL_UNKNOWN.
    func checkLabels(_ labels: [String], keeping own: [String] = []) throws(ConversationsError) {
        let known = tenant?.labels ?? []
        guard !known.isEmpty else { return }
        if let label = labels.first(where: { !known.contains($0) && !own.contains($0) }) { throw .labelUnknown(label) }
    }

    /// Those of some labels that are on the tenant's list.
    func known(_ labels: [String]) -> [String] {
        guard let known = tenant?.labels, !known.isEmpty else { return labels }
        return labels.filter(known.contains)
    }

    /// The languages of what a customer is told by itself, in turn: his own, the tenant's.
    func locales(forCustomer locale: String) -> [String] { [locale, tenant?.locale ?? ""] }

    /// The zone in which a customer reads a time of a department.
    func zone(forCustomer timeZone: String, in department: UUID?) -> ZoneRules {
        let department = department.flatMap { departments[$0] }
        let names = [timeZone, department?.timeZone ?? ""]
        let known = names.lazy.filter { !$0.isEmpty }.compactMap { try? ZoneRules($0) }.first
        return known ?? department?.hours?.zone ?? (tenant?.timeZone).flatMap { try? ZoneRules($0) } ?? .utc
    }

    /// An agent's own language and zone, else the first that one of his departments has, else the tenant's.
    func words(of agent: UUID) -> (locale: String, timeZone: String) {
        let known = agents[agent]
        let places = (known?.departmentIDs ?? []).compactMap { department($0) }.sorted { $0.id.text < $1.id.text }
        func first(_ own: String, _ of: [String], _ last: String) -> String {
            ([own] + of + [last]).first { !$0.isEmpty } ?? ""
        }
        return (
            first(known?.locale ?? "", places.map(\.locale), tenant?.locale ?? ""),
            first(known?.timeZone ?? "", places.map(\.timeZone) + [tenant?.timeZone ?? ""], "UTC")
        )
    }
}
