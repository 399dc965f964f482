/// Finds the route of a path: literals beat variables, one segment beats the rest, and a verb is split off at the last
/// colon. `Route` is what the caller wants to find.
struct RouteTable<Route: Sendable>: Sendable {
    private var root = Node()

    init() {}

    private struct Node: Sendable {
        var literals: [String: Node] = [:]
        /// At most one child; an array because a struct cannot contain itself.
        var one: [Node] = []
        var rest: [String: Leaf] = [:]
        /// By verb, "" without.
        var leaves: [String: Leaf] = [:]
    }

    /// What ends at one place, by HTTP method. Each has its own template: the names of variables may differ.
    private typealias Leaf = [String: (template: PathTemplate, route: Route)]

    struct Match: Sendable {
        var route: Route
        /// Texts of the template's variables, in their order.
        var variables: [(fieldPath: [String], text: String)]
    }

    enum Outcome: Sendable {
        case found(Match)
        case methodNotAllowed(allow: [String])
        case malformedPath
        case notFound
    }

    /// Adds a route; false when the same method and path is taken.
    mutating func add(_ method: String, _ template: PathTemplate, _ route: Route) -> Bool {
        Self.add(method, template, route, at: template.segments[...], to: &root)
    }

    private static func add(
        _ method: String, _ template: PathTemplate, _ route: Route, at segments: ArraySlice<PathTemplate.Segment>,
        to node: inout Node
    ) -> Bool {
        let verb = template.verb ?? ""
        switch segments.first {
        case .literal(let text):
            return add(method, template, route, at: segments.dropFirst(), to: &node.literals[text, default: Node()])
        case .one:
            if node.one.isEmpty { node.one = [Node()] }
            return add(method, template, route, at: segments.dropFirst(), to: &node.one[0])
        case .rest:
            return node.rest[verb, default: [:]].insert((template, route), for: method)
        case nil:
            return node.leaves[verb, default: [:]].insert((template, route), for: method)
        }
    }

    /// - Parameter path: as it came, percent-encoded, without the query.
    func find(_ method: String, _ path: Substring) -> Outcome {
        guard path.first == "/" else { return .malformedPath }
        let raw = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        guard raw.allSatisfy({ PercentCoding.decode($0) != nil }) else { return .malformedPath }

        // With its verb first; then with the colon as part of the last segment.
        if let last = raw.last, let colon = last.lastIndex(of: ":"),
            let verb = PercentCoding.decode(last[last.index(after: colon)...])
        {
            let segments = raw.dropLast() + [last[..<colon]]
            if !verb.isEmpty, let leaf = Self.find(segments[...], verb, in: root) {
                return outcome(method, leaf, Array(segments))
            }
        }
        guard let leaf = Self.find(raw[...], "", in: root) else { return .notFound }
        return outcome(method, leaf, raw)
    }

    private static func find(_ segments: ArraySlice<Substring>, _ verb: String, in node: Node) -> Leaf? {
        guard let segment = segments.first else { return node.leaves[verb] }
        if let decoded = PercentCoding.decode(segment), let child = node.literals[decoded],
            let leaf = find(segments.dropFirst(), verb, in: child)
        {
            return leaf
        }
        if !segment.isEmpty, let child = node.one.first, let leaf = find(segments.dropFirst(), verb, in: child) { return leaf }
        return node.rest[verb]
    }

    private func outcome(_ method: String, _ leaf: Leaf, _ segments: [Substring]) -> Outcome {
        guard let (template, route) = leaf[method] else { return .methodNotAllowed(allow: leaf.keys.sorted()) }
        let variables = template.variables.map { variable in
            let end = template.segments[variable.segments].last == .rest ? segments.count : variable.segments.upperBound
            let texts = segments[variable.segments.lowerBound..<end].map {
                (variable.spansSegments ? PercentCoding.decodeUnreserved($0) : PercentCoding.decode($0)) ?? ""
            }
            return (variable.fieldPath, texts.joined(separator: "/"))
        }
        return .found(Match(route: route, variables: variables))
    }
}

extension Dictionary {
    fileprivate mutating func insert(_ value: Value, for key: Key) -> Bool {
        guard self[key] == nil else { return false }
        self[key] = value
        return true
    }
}
