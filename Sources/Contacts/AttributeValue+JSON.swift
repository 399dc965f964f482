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

    private init(encoded value: some Encodable) {
        guard let json = try? JSONEncoder().encode(value) else { preconditionFailure("an attribute has no JSON form") }
        self.init(String(decoding: json, as: UTF8.self))
    }

    /// The attributes of a contact's row.
    var attributes: [String: AttributeValue] {
        get throws { try JSONDecoder().decode([String: AttributeValue].self, from: Data(text.utf8)) }
    }
}
