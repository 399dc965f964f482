import FoundationEssentials
import Postgres

extension PostgresJSON {
    /// - Precondition: numbers are finite, which the rules on attributes see to.
    init(_ value: AttributeValue) {
        self.init(encoded: value)
    }

    init(_ attributes: [String: AttributeValue]) {
        self.init(encoded: attributes)
    }

    /// - Precondition: the value has a JSON form.
    init(encoded value: some Encodable) {
        guard let json = try? JSONEncoder().encode(value) else { preconditionFailure("the value has no JSON form") }
        self.init(String(decoding: json, as: UTF8.self))
    }

    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }

    /// The attributes of a contact's row.
    var attributes: [String: AttributeValue] {
        get throws { try decoded(as: [String: AttributeValue].self) }
    }
}
