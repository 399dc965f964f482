/// A path of `google.api.http`: `/v1/conversations/{conversation_id}/messages:read` (google/api/http.proto, "Path
/// template syntax").
struct PathTemplate: Sendable, Hashable {
    var segments: [Segment]
    var variables: [Variable]
    var verb: String?

    enum Segment: Sendable, Hashable {
        case literal(String)
        /// `*`: one segment, not empty.
        case one
        /// `**`: the rest of the path, last only.
        case rest
    }

    /// A field of the request that takes the text of some segments.
    struct Variable: Sendable, Hashable {
        var fieldPath: [String]
        var segments: Range<Int>
        /// Whether it holds more than one segment: then reserved characters stay percent-encoded.
        var spansSegments: Bool
    }

    struct Malformed: Error, Hashable {
        let template: String
        let reason: String
    }

    init(segments: [Segment], variables: [Variable], verb: String?) {
        self.segments = segments
        self.variables = variables
        self.verb = verb
    }

    init(_ template: String) throws(Malformed) {
        guard template.hasPrefix("/") else { throw Malformed(template: template, reason: "does not start with /") }
        segments = []
        variables = []
        var rest = Substring(template)
        while rest.first == "/" {
            rest.removeFirst()
            try takeSegment(from: &rest, of: template)
        }
        if rest.first == ":" {
            verb = String(rest.dropFirst())
            rest = ""
        }
        guard rest.isEmpty, verb != "" else { throw Malformed(template: template, reason: "ends with \"\(rest)\"") }
        if let position = segments.firstIndex(of: .rest), position != segments.count - 1 {
            throw Malformed(template: template, reason: "** is not last")
        }
    }

    private mutating func takeSegment(from rest: inout Substring, of template: String) throws(Malformed) {
        guard rest.first == "{" else {
            segments.append(try segment(rest.prefix { $0 != "/" && $0 != ":" }, of: template))
            rest = rest.drop { $0 != "/" && $0 != ":" }
            return
        }
        guard let end = rest.firstIndex(of: "}") else { throw Malformed(template: template, reason: "{ without }") }
        let inside = rest[rest.index(after: rest.startIndex)..<end]
        rest = rest[rest.index(after: end)...]
        let parts = inside.split(separator: "=", maxSplits: 1)
        guard let name = parts.first, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }) else {
            throw Malformed(template: template, reason: "variable without a name")
        }
        let start = segments.count
        for part in (parts.count == 2 ? parts[1] : "*").split(separator: "/", omittingEmptySubsequences: false) {
            segments.append(try segment(part, of: template))
        }
        let range = start..<segments.count
        variables.append(
            Variable(
                fieldPath: name.split(separator: ".").map(String.init),
                segments: range,
                spansSegments: range.count > 1 || segments[range].contains(.rest)
            ))
    }

    private func segment(_ text: Substring, of template: String) throws(Malformed) -> Segment {
        switch text {
        case "*": .one
        case "**": .rest
        case "": throw Malformed(template: template, reason: "empty segment")
        default: .literal(String(text))
        }
    }
}

extension PathTemplate.Variable {
    var openAPIName: String { fieldPath.last ?? "" }
}

extension PathTemplate {
    /// The path as OpenAPI writes it: `{name}` for every variable, the verb behind it. A nested field has its last name
    /// only: `{contact.contact_id}` and `{contact_id}` are the same path (OpenAPI 3.1, "Paths Object").
    var openAPIPath: String {
        var out = ""
        var index = 0
        while index < segments.count {
            if let variable = variables.first(where: { $0.segments.lowerBound == index }) {
                out += "/{" + variable.openAPIName + "}"
                index = variable.segments.upperBound
                continue
            }
            switch segments[index] {
            case .literal(let text): out += "/" + text
            case .one: out += "/*"
            case .rest: out += "/**"
            }
            index += 1
        }
        return out + (verb.map { ":" + $0 } ?? "")
    }
}
