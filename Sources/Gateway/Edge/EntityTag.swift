/// An entity tag (RFC 9110, section 8.8.3). `text` includes the quotes: that is also the form of a resource's `etag`.
struct EntityTag: Sendable, Hashable {
    var weak: Bool
    var text: String

    init(weak: Bool = false, _ text: String) {
        self.weak = weak
        self.text = text
    }

    /// The tag of a resource's `etag` field.
    init(resource etag: String) {
        self.init(etag.hasPrefix("\"") ? etag : "\"\(etag)\"")
    }

    var header: String { (weak ? "W/" : "") + text }

    /// The list of `If-Match` or `If-None-Match`; nil where it is malformed.
    static func parseList(_ header: String) -> Condition? {
        if header.trimmedOfSpaces == "*" { return .any }
        var tags: [EntityTag] = []
        var rest = header.trimmedOfSpaces
        while !rest.isEmpty {
            let weak = rest.hasPrefix("W/")
            if weak { rest = rest.dropFirst(2) }
            guard rest.first == "\"", let end = rest.dropFirst().firstIndex(of: "\"") else { return nil }
            let tag = rest[...end]
            guard tag.utf8.allSatisfy({ $0 >= 0x21 && $0 != 0x7F }) else { return nil }
            tags.append(EntityTag(weak: weak, String(tag)))
            rest = rest[rest.index(after: end)...].trimmedOfSpaces
            guard !rest.isEmpty else { break }
            guard rest.first == "," else { return nil }
            rest = rest.dropFirst().trimmedOfSpaces
            guard !rest.isEmpty else { return nil }
        }
        return tags.isEmpty ? nil : .tags(tags)
    }

    enum Condition: Sendable, Hashable {
        case any
        case tags([EntityTag])

        /// `If-None-Match` compares weakly (RFC 9110, section 13.1.2).
        func matchesWeakly(_ tag: EntityTag) -> Bool {
            switch self {
            case .any: true
            case .tags(let tags): tags.contains { $0.text == tag.text }
            }
        }
    }
}

extension StringProtocol {
    /// Without the spaces and tabs around it (OWS of RFC 9110).
    var trimmedOfSpaces: Substring {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return text
    }
}
