/// A JSON document as a value. Objects keep the order of their members; numbers keep their text, because a 64-bit
/// integer does not survive a `Double`.
enum JSONValue: Sendable, Hashable {
    case null
    case bool(Bool)
    case number(String)
    case string(String)
    case array([JSONValue])
    case object(JSONObject)

    subscript(_ name: String) -> JSONValue? {
        guard case .object(let object) = self else { return nil }
        return object[name]
    }

    var isObject: Bool { if case .object = self { true } else { false } }

    var stringValue: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    var arrayValue: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    var intValue: Int? {
        switch self {
        case .number(let text), .string(let text): Int(text)
        default: nil
        }
    }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByIntegerLiteral
{
    init(stringLiteral value: String) { self = .string(value) }
    init(booleanLiteral value: Bool) { self = .bool(value) }
    init(integerLiteral value: Int) { self = .number(String(value)) }
    init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(JSONObject(elements))
    }
}

/// The members of a JSON object, in order, each name once.
struct JSONObject: Sendable, Hashable {
    private(set) var members: [Member] = []
    private var positions: [String: Int] = [:]

    struct Member: Sendable, Hashable {
        let name: String
        var value: JSONValue
    }

    init() {}

    init(_ members: [(String, JSONValue)]) {
        for (name, value) in members { self[name] = value }
    }

    var isEmpty: Bool { members.isEmpty }

    subscript(_ name: String) -> JSONValue? {
        get { positions[name].map { members[$0].value } }
        set {
            switch (positions[name], newValue) {
            case (let position?, let value?): members[position].value = value
            case (nil, let value?):
                positions[name] = members.count
                members.append(Member(name: name, value: value))
            case (let position?, nil):
                members.remove(at: position)
                positions = Dictionary(uniqueKeysWithValues: members.enumerated().map { ($1.name, $0) })
            case (nil, nil): break
            }
        }
    }
}
