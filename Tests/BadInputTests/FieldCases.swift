import Foundation

@testable import Gateway

/// What can be wrong with one field of a request that is right otherwise.
struct FieldCase: Sendable {
    let name: String
    let value: JSON
    /// The contract says that this is too much: it must be refused, and the field named.
    var isForbidden = false

    /// Longer than any field that the contract does not bound should be.
    static let longText = 150_000
    static let longList = 500

    static func all(for field: RequestField, in contract: Contract) -> [FieldCase] {
        if contract.isMap(field.field) { return [] }
        if field.field.isRepeated { return list(field) }
        return switch field.field.kind {
        case .string: text(field)
        case .enumeration: [FieldCase(name: "unknown", value: 9_999), FieldCase(name: "negative", value: .number("-1"))]
        case .int32, .uint32, .int64, .uint64:
            [
                FieldCase(name: "negative", value: .number("-1"), isForbidden: field.field.name == "page_size"),
                FieldCase(name: "least", value: .number("-2147483648"), isForbidden: field.field.name == "page_size"),
                FieldCase(name: "most", value: .number("2147483647")),
            ]
        case .double, .float:
            [
                FieldCase(name: "nan", value: "NaN", isForbidden: true),
                FieldCase(name: "infinite", value: "Infinity", isForbidden: true),
            ]
        case .message(let type): wellKnown(type) + large(field, type, in: contract)
        case .bool, .bytes: []
        }
    }

    private static func text(_ field: RequestField) -> [FieldCase] {
        let limit = field.field.textMax
        var cases = [
            FieldCase(
                name: limit.map { "over-\($0)" } ?? "long",
                value: .string(String(repeating: "x", count: limit.map { $0 + 1 } ?? longText)), isForbidden: limit != nil),
            FieldCase(name: "sql", value: "'; drop table conversations.message; --"),
            FieldCase(name: "nul", value: "a\u{0}b", isForbidden: true),
            FieldCase(name: "odd", value: "\u{202E}\\%_\u{FFFE}\u{1F468}\u{200D}\u{1F469}"),
        ]
        if ["page_token", "order_by", "filter"].contains(field.field.name) {
            cases.append(FieldCase(name: "nonsense", value: "nonsense <> ((", isForbidden: true))
        }
        return cases
    }

    private static func list(_ field: RequestField) -> [FieldCase] {
        let limit = field.field.countMax
        let element: JSON
        switch field.field.kind {
        case .string: element = field.field.name.hasSuffix("_ids") ? .string(UUIDText.random()) : "x"
        case .enumeration: element = 1
        case .message: element = [:]
        default: return []
        }
        var cases = [
            FieldCase(
                name: limit.map { "over-\($0)" } ?? "many",
                value: .array(Array(repeating: element, count: limit.map { $0 + 1 } ?? longList)), isForbidden: limit != nil)
        ]
        if field.field.kind == .string {
            cases += [
                FieldCase(name: "sql", value: ["'; drop table conversations.message; --"]),
                FieldCase(name: "nul", value: ["a\u{0}b"], isForbidden: true), oneLong(field),
            ]
        } else if case .enumeration = field.field.kind {
            cases.append(FieldCase(name: "unknown", value: [9_999]))
        }
        return cases
    }

    /// An element that is too long.
    private static func oneLong(_ field: RequestField) -> FieldCase {
        let limit = field.field.textMax
        return FieldCase(
            name: limit.map { "each-over-\($0)" } ?? "long",
            value: [.string(String(repeating: "x", count: limit.map { $0 + 1 } ?? longText))], isForbidden: limit != nil)
    }

    /// More bytes than a whole object may have, in the first text of it.
    private static func large(_ field: RequestField, _ type: String, in contract: Contract) -> [FieldCase] {
        let texts = contract.schema.messages[type]?.fields.filter { $0.kind == .string && !$0.isRepeated }
        guard let limit = field.field.textMax, let text = texts?.first else { return [] }
        let value = JSON.string(String(repeating: "x", count: limit))
        return [FieldCase(name: "over-\(limit)", value: .object(JSONObject([(text.jsonName, value)])), isForbidden: true)]
    }

    private static func wellKnown(_ type: String) -> [FieldCase] {
        switch WellKnownType(rawValue: type) {
        case .timestamp:
            [
                FieldCase(name: "first", value: "0001-01-01T00:00:00Z"),
                FieldCase(name: "last", value: "9999-12-31T23:59:59.999999999Z"),
            ]
        case .duration:
            [FieldCase(name: "longest", value: "315576000000s"), FieldCase(name: "negative", value: "-315576000000s")]
        case .fieldMask:
            [
                FieldCase(name: "unknown-path", value: "nonsense", isForbidden: true),
                FieldCase(name: "star-and-more", value: "*,displayName", isForbidden: true),
            ]
        default: []
        }
    }
}

extension FieldSchema {
    /// What its comment allows: "at most 200 characters", "1 to 500 characters", "at most 65,536 bytes".
    var textMax: Int? { number(/([0-9][0-9,]*) (?:characters|bytes)/) }

    /// Elements that its comment allows: "at most 20", "1 to 200".
    var countMax: Int? { number(/(?:[Aa]t most|1 to) ([0-9][0-9,]*)(?! characters)/) }

    private func number(_ pattern: Regex<(Substring, Substring)>) -> Int? {
        let text = comment.replacing("\n", with: " ")
        return text.firstMatch(of: pattern).flatMap { Int($0.output.1.replacing(",", with: "")) }
    }
}
