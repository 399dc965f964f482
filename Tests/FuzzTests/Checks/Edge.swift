@testable import Gateway

/// What callers of the gateway say in paths, queries, headers and bodies.
enum Edge {
    static func percent(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        _ = PercentCoding.decodeUnreserved(text[...])
        if let query = QueryString(text[...]) {
            let replaced = QueryString(query.replacing("page_token", with: text)[...])
            precondition(replaced == nil || replaced?["page_token"] == text, "a value of a query changes")
        }
        guard let decoded = PercentCoding.decode(text[...]) else { return false }
        precondition(PercentCoding.decode(PercentCoding.encode(decoded)[...]) == decoded, "a path changes")
        return true
    }

    static func entityTags(_ input: [UInt8]) -> Bool {
        guard let condition = EntityTag.parseList(String(decoding: input, as: UTF8.self)) else { return false }
        guard case .tags(let tags) = condition else { return true }
        let written = tags.map(\.header).joined(separator: ", ")
        precondition(EntityTag.parseList(written) == condition, "tags change on their way")
        return true
    }

    static func idempotencyKey(_ input: [UInt8]) -> Bool {
        guard let key = IdempotencyKey.parse(String(decoding: input, as: UTF8.self)) else { return false }
        precondition(IdempotencyKey.parse(key) == key && IdempotencyKey.parse("\"\(key)\"") == key, "a key changes on its way")
        return true
    }

    static func mediaTypes(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        let best = Accept(text).best(of: [.json, .problem, .eventStream])
        precondition(best.map { [MediaType.json, .problem, .eventStream].contains($0) } ?? true)
        guard let type = MediaType(text) else { return best != nil }
        precondition(MediaType(type.description) == type, "a media type changes on its way")
        return true
    }

    static func streamPosition(_ input: [UInt8]) -> Bool {
        guard let position = StreamPosition(String(decoding: input, as: UTF8.self)) else { return false }
        precondition(StreamPosition(position.text) == position, "a position changes on its way")
        return true
    }

    static func json(_ input: [UInt8]) -> Bool {
        guard let value = try? JSONParser.parse(input) else { return false }
        let printed = value.bytes
        precondition((try? JSONParser.parse(printed)) == value, "a document changes when it is printed")
        return true
    }
}
