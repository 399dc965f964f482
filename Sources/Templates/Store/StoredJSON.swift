import Foundation
import Postgres

/// Values that are kept as JSON, in the form of their Codable conformance.
extension PostgresJSON {
    /// - Precondition: the value holds nothing that JSON has no form for, such as a number that is not finite.
    init(keeping value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        guard let json = try? encoder.encode(value) else { preconditionFailure("a kept value has no JSON form") }
        self.init(String(decoding: json, as: UTF8.self))
    }

    func kept<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }
}

extension RawRepresentable<String> {
    /// A word of a column that a constraint holds to the words we know; an unknown one was written by a newer release.
    init(stored text: String) throws {
        guard let value = Self(rawValue: text) else { throw UnknownStoredWord(type: "\(Self.self)", word: text) }
        self = value
    }
}

struct UnknownStoredWord: Error {
    let type: String
    let word: String
}
