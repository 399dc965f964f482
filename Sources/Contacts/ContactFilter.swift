import FoundationEssentials
import WallTime

/// What a contact must be like to be listed: a filter whose fields, comparisons and values are all known. The contract's
/// ListContactsRequest says what there is.
struct ContactFilter: Sendable, Hashable {
    /// `nil` lets every contact pass.
    let condition: ContactCondition?

    /// - Parameter text: a filter as in AIP-160; empty lets every active contact pass.
    init(_ text: String) throws(FilterError) {
        var reader = ContactFilterReader()
        let read = try FilterParser.expression(of: text).map { (expression) throws(FilterError) in try reader.read(expression) }
        // Merged and erased contacts are shown to those who ask for them, and to nobody else.
        let shown: ContactCondition? = reader.mentionsState ? nil : .state(.active)
        condition =
            switch (read, shown) {
            case (let read?, let shown?): .all([shown, read])
            case (let read, let shown): read ?? shown
            }
    }
}

indirect enum ContactCondition: Sendable, Hashable {
    case all([ContactCondition])
    case any([ContactCondition])
    case not(ContactCondition)
    case text(TextField, TextPattern)
    case owner(UUID)
    case anotherOwner(UUID)
    case hasOwner
    case state(Contact.State)
    case blocked(Bool)
    case time(TimeField, FilterComparator, Instant)
    case identityKind(IdentityKind)
    /// The address itself, or any address with one of these match keys.
    case identityAddress(String, matchKeys: [String])
    case attribute(String, FilterComparator, AttributeValue)
    case hasAttribute(String)

    enum TextField: String, Sendable, Hashable, CaseIterable {
        case displayName = "display_name"
        case locale
        case timeZone = "time_zone"
        case note
    }

    enum TimeField: String, Sendable, Hashable, CaseIterable {
        case createTime = "create_time"
        case updateTime = "update_time"
        case lastActivityTime = "last_activity_time"
    }
}

/// Text to compare with, without regard to case. The part that must be there may stand anywhere where an end is open.
struct TextPattern: Sendable, Hashable {
    var text: String
    var openStart = false
    var openEnd = false

    static func containing(_ text: String) -> TextPattern {
        TextPattern(text: text, openStart: true, openEnd: true)
    }

    /// A `*` at either end matches anything; in quotes as well, as AIP-160 has it.
    static func wildcard(_ text: String) -> TextPattern {
        var pattern = TextPattern(text: text)
        if pattern.text.hasPrefix("*") {
            pattern.openStart = true
            pattern.text.removeFirst()
        }
        if pattern.text.hasSuffix("*") {
            pattern.openEnd = true
            pattern.text.removeLast()
        }
        return pattern
    }
}

// MARK: - Reading

/// Gives each restriction its meaning, or says where it has none.
private struct ContactFilterReader {
    var mentionsState = false

    mutating func read(_ expression: FilterExpression) throws(FilterError) -> ContactCondition {
        switch expression {
        case .all(let parts): .all(try read(parts))
        case .any(let parts): .any(try read(parts))
        case .not(let part): .not(try read(part))
        case .restriction(let restriction): try read(restriction)
        }
    }

    private mutating func read(_ parts: [FilterExpression]) throws(FilterError) -> [ContactCondition] {
        var conditions: [ContactCondition] = []
        for part in parts { conditions.append(try read(part)) }
        return conditions
    }

    private mutating func read(_ restriction: FilterRestriction) throws(FilterError) -> ContactCondition {
        let member = restriction.member.joined(separator: ".")
        if let field = ContactCondition.TextField(rawValue: member) { return try text(field, restriction) }
        if let field = ContactCondition.TimeField(rawValue: member) { return try time(field, restriction) }
        switch member {
        case "owner_id": return try owner(restriction)
        case "state": return try state(restriction)
        case "blocked": return .blocked(try flag(restriction))
        case "identities.kind": return .identityKind(try kind(restriction))
        case "identities.address": return try address(restriction)
        default: return try attribute(restriction)
        }
    }

    private func text(
        _ field: ContactCondition.TextField, _ restriction: FilterRestriction
    ) throws(FilterError) -> ContactCondition {
        switch restriction.comparator {
        case .has where restriction.asksForPresence: .not(.text(field, TextPattern(text: "")))
        case .equal: .text(field, .wildcard(restriction.value.text))
        case .notEqual: .not(.text(field, .wildcard(restriction.value.text)))
        case .has: .text(field, .containing(restriction.value.text))
        case .less, .lessOrEqual, .greater, .greaterOrEqual: throw restriction.takesOnly([.equal, .notEqual, .has])
        }
    }

    private func time(
        _ field: ContactCondition.TimeField, _ restriction: FilterRestriction
    ) throws(FilterError) -> ContactCondition {
        guard restriction.comparator != .has else {
            throw restriction.takesOnly([.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual])
        }
        guard let instant = Instant(rfc3339: restriction.value.text) else {
            throw restriction.needs("an RFC 3339 time in quotes")
        }
        return .time(field, restriction.comparator, instant)
    }

    private func owner(_ restriction: FilterRestriction) throws(FilterError) -> ContactCondition {
        if restriction.asksForPresence { return .hasOwner }
        guard let id = UUID(uuidString: restriction.value.text) else { throw restriction.needs("an agent's id") }
        switch restriction.comparator {
        case .equal: return .owner(id)
        case .notEqual: return .anotherOwner(id)
        default: throw restriction.takesOnly([.equal, .notEqual])
        }
    }

    private mutating func state(_ restriction: FilterRestriction) throws(FilterError) -> ContactCondition {
        guard let state = Contact.State.allCases.first(where: { $0.rawValue.uppercased() == restriction.value.text }) else {
            throw restriction.needs("ACTIVE, MERGED or ERASED")
        }
        mentionsState = true
        switch restriction.comparator {
        case .equal: return .state(state)
        case .notEqual: return .not(.state(state))
        default: throw restriction.takesOnly([.equal, .notEqual])
        }
    }

    private func flag(_ restriction: FilterRestriction) throws(FilterError) -> Bool {
        guard restriction.comparator == .equal else { throw restriction.takesOnly([.equal]) }
        guard let flag = Bool(restriction.value.text) else { throw restriction.needs("true or false") }
        return flag
    }

    private func kind(_ restriction: FilterRestriction) throws(FilterError) -> IdentityKind {
        guard restriction.comparator == .has else { throw restriction.takesOnly([.has]) }
        guard let kind = IdentityKind.allCases.first(where: { $0.rawValue.uppercased() == restriction.value.text }) else {
            throw restriction.needs(IdentityKind.allCases.map { $0.rawValue.uppercased() }.joined(separator: ", "))
        }
        return kind
    }

    private func address(_ restriction: FilterRestriction) throws(FilterError) -> ContactCondition {
        guard restriction.comparator == .has else { throw restriction.takesOnly([.has]) }
        let address = restriction.value.text
        let keys = [IdentityKind.email, .phone, .whatsapp].compactMap { try? ChannelAddress(kind: $0, address: address).matchKey }
        return .identityAddress(address, matchKeys: keys)
    }

    private func attribute(_ restriction: FilterRestriction) throws(FilterError) -> ContactCondition {
        guard restriction.member.count == 2, restriction.member[0] == "attributes", AttributeValue.isKey(restriction.member[1])
        else { throw FilterError("there is no such field", at: restriction.position) }
        let key = restriction.member[1]
        if restriction.asksForPresence { return .hasAttribute(key) }
        guard restriction.comparator != .has else { throw restriction.needs("* after \":\"") }
        return .attribute(key, restriction.comparator, restriction.value.asAttribute)
    }
}

extension FilterRestriction {
    fileprivate var asksForPresence: Bool { comparator == .has && value.text == "*" && !value.quoted }

    fileprivate func takesOnly(_ comparators: [FilterComparator]) -> FilterError {
        let list = comparators.map(\.rawValue).joined(separator: " ")
        return FilterError("\(member.joined(separator: ".")) can be compared by \(list) only", at: position)
    }

    fileprivate func needs(_ description: String) -> FilterError {
        FilterError("\(member.joined(separator: ".")) is compared with \(description)", at: value.position)
    }
}

extension FilterValue {
    /// In quotes text; otherwise true, false or a number where it is one, and text where it is not.
    fileprivate var asAttribute: AttributeValue {
        if quoted { return .text(text) }
        if let flag = Bool(text) { return .flag(flag) }
        if let number = Double(text), number.isFinite { return .number(number) }
        return .text(text)
    }
}
