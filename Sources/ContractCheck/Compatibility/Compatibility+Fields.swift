extension Compatibility {
    static func fieldFindings(_ before: Schema.Message, _ after: Schema.Message, name: String) -> [Finding] {
        let place = after.label.place
        var findings = reservedFindings(before.reserved, after.reserved, rule: "RESERVED_MESSAGE_NO_DELETE", at: place, of: name)
        for old in before.fields {
            if let new = after.fields.first(where: { $0.number == old.number }) {
                findings += changeFindings(old, new, message: name)
                continue
            }
            if !after.reserved.contains(number: old.number) {
                let what = "\(name).\(old.label.name) is gone and its number \(old.number) not reserved"
                findings.append(Finding("FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED", at: place, what))
            }
            if !after.reserved.names.contains(old.label.name) {
                let what = "\(name).\(old.label.name) is gone and its name not reserved"
                findings.append(Finding("FIELD_NO_DELETE_UNLESS_NAME_RESERVED", at: place, what))
            }
        }
        return findings
    }

    private static func changeFindings(_ old: Schema.Field, _ new: Schema.Field, message: String) -> [Finding] {
        let place = new.label.place
        let name = "\(message).\(old.label.name)"
        var findings: [Finding] = []
        if old.label.name != new.label.name {
            findings.append(Finding("FIELD_SAME_NAME", at: place, "\(name) is now called \(new.label.name)"))
        }
        if old.jsonName != new.jsonName {
            findings.append(Finding("FIELD_SAME_JSON_NAME", at: place, "\(name) was \(old.jsonName) in JSON, is \(new.jsonName)"))
        }
        if old.oneof != new.oneof {
            findings.append(Finding("FIELD_SAME_ONEOF", at: place, "\(name) moved into, out of or between oneofs"))
        }
        if !isCompatible(old.cardinality, new.cardinality) {
            let what = "\(name) was \(old.cardinality.rawValue), is \(new.cardinality.rawValue)"
            findings.append(Finding("FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY", at: place, what))
        }
        if !isCompatible(old.type, new.type) {
            let what = "\(name) was \(old.type.text), is \(new.type.text)"
            findings.append(Finding("FIELD_WIRE_JSON_COMPATIBLE_TYPE", at: place, what))
        }
        return findings
    }

    private static func isCompatible(_ old: Schema.Cardinality, _ new: Schema.Cardinality) -> Bool {
        old == new || Set([old, new]) == [.singular, .optional]
    }

    /// Types that read each other's bytes and each other's JSON.
    private static func isCompatible(_ old: Schema.FieldType, _ new: Schema.FieldType) -> Bool {
        if old == new { return true }
        guard case .scalar(let old) = old, case .scalar(let new) = new else { return false }
        let groups: [Set<String>] = [
            ["int32", "uint32"], ["int64", "uint64"], ["fixed32", "sfixed32"], ["fixed64", "sfixed64"],
        ]
        return groups.contains { $0.isSuperset(of: [old, new]) }
    }

    /// What was reserved stays reserved.
    static func reservedFindings(
        _ old: Schema.Reserved, _ new: Schema.Reserved, rule: String, at place: Schema.Place, of name: String
    ) -> [Finding] {
        let names = old.names.subtracting(new.names).sorted().map {
            Finding(rule, at: place, "\(name) no longer reserves the name \($0)")
        }
        let ranges = old.ranges.filter { range in !new.covers(range) }.map {
            Finding(rule, at: place, "\(name) no longer reserves the numbers \($0.lowerBound) to \($0.upperBound)")
        }
        return names + ranges
    }
}

extension Schema.Reserved {
    fileprivate func covers(_ range: ClosedRange<Int32>) -> Bool {
        var next = Int64(range.lowerBound)
        for mine in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) where Int64(mine.lowerBound) <= next {
            next = max(next, Int64(mine.upperBound) + 1)
        }
        return next > Int64(range.upperBound)
    }
}

extension Schema.FieldType {
    fileprivate var text: String {
        switch self {
        case .scalar(let name): name
        case .message(let name), .enum(let name): name
        }
    }
}
