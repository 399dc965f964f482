import FoundationEssentials
import WallTime

/// An object of the tenant's business attached to a contact (S43, S44).
struct LinkedObject: Sendable, Hashable {
    let id: LinkedObjectID
    let contactID: ContactID
    let kind: Kind
    var fields: Fields
    /// The conversation from which it was created.
    let conversationID: UUID?
    let createdBy: String
    let createTime: Instant
    var updateTime: Instant
    var version: Int64 = 1

    /// The raw values stand in the database.
    enum Kind: String, Sendable, Hashable, CaseIterable {
        case deal, company, task
    }

    /// What can be changed.
    struct Fields: Sendable, Hashable {
        var title = ""
        var stage = ""
        /// What a deal is worth.
        var amount: Money?
        /// When a task is due, and when it was done.
        var dueTime: Instant?
        var completeTime: Instant?
        var assigneeID: UUID?
        var externalSystem = ""
        var externalID = ""
        var url = ""
    }

    struct Money: Sendable, Hashable {
        var currency: String
        /// A decimal, exactly as it was given.
        var amount: String
    }

    static let titleLengthMax = 200
    static let stageLengthMax = 100
    static let externalLengthMax = 200
}

extension LinkedObject.Fields {
    /// Everything that is wrong with an object of a kind, by path of LinkedObject.
    func violations(of kind: LinkedObject.Kind) -> [FieldViolation] {
        var violations = malformed
        func require(_ holds: Bool, _ field: String, _ description: String) {
            if !holds { violations.append(FieldViolation(field, description)) }
        }
        require(!title.isEmpty, "title", "is required")
        require(externalSystem.isEmpty == externalID.isEmpty, "external_id", "stands together with external_system")
        require(amount == nil || kind == .deal, "amount", "belongs to deals")
        require(dueTime == nil || kind == .task, "due_time", "belongs to tasks")
        require(completeTime == nil || kind == .task, "complete_time", "belongs to tasks")
        return violations
    }

    /// What no object can have, whatever its kind.
    var malformed: [FieldViolation] {
        var violations: [FieldViolation] = []
        func require(_ holds: Bool, _ field: String, _ description: String) {
            if !holds { violations.append(FieldViolation(field, description)) }
        }
        func line(_ text: String, _ field: String, _ lengthMax: Int) {
            if let problem = text.problem(asLineOf: lengthMax) { violations.append(FieldViolation(field, problem)) }
        }
        line(title, "title", LinkedObject.titleLengthMax)
        line(stage, "stage", LinkedObject.stageLengthMax)
        line(externalSystem, "external_system", LinkedObject.externalLengthMax)
        line(externalID, "external_id", LinkedObject.externalLengthMax)
        require(
            url.isEmpty || (url.lowercased().hasPrefix("https://") && url.isWebAddress), "url",
            "must be an https address of at most \(AttributeValue.textLengthMax) characters")
        require(amount?.isCurrency ?? true, "amount.currency", "must be an ISO 4217 code, such as BRL")
        require(
            amount?.isDecimal ?? true, "amount.amount", "must be a decimal of at most 16 digits and 4 places, such as 1999.90")
        return violations
    }
}

extension LinkedObject.Money {
    fileprivate var isCurrency: Bool { currency.utf8.count == 3 && currency.utf8.allSatisfy { (65...90).contains($0) } }

    /// `-?[0-9]{1,16}(\.[0-9]{1,4})?`
    fileprivate var isDecimal: Bool {
        let parts = (amount.hasPrefix("-") ? amount.dropFirst() : amount[...]).split(
            separator: ".", omittingEmptySubsequences: false)
        let isDigits = parts.allSatisfy { part in part.utf8.allSatisfy { (48...57).contains($0) } }
        guard isDigits, let whole = parts.first, (1...16).contains(whole.utf8.count) else { return false }
        return parts.count == 1 || (parts.count == 2 && (1...4).contains(parts[1].utf8.count))
    }
}
