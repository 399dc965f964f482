/// The query of a URL as pairs in their order (application/x-www-form-urlencoded).
struct QueryString: Sendable, Hashable {
    var pairs: [Pair]

    struct Pair: Sendable, Hashable {
        var name: String
        var value: String
    }

    /// Pairs accepted in one query.
    static let pairsMax = 256

    /// nil for broken percent-encoding, bytes that are not UTF-8, or too many pairs.
    init?(_ text: Substring) {
        pairs = []
        for part in text.split(separator: "&") {
            let halves = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pairs.count < Self.pairsMax,
                let name = PercentCoding.decode(halves[0], plusIsSpace: true),
                let value = PercentCoding.decode(halves.count == 2 ? halves[1] : "", plusIsSpace: true)
            else { return nil }
            pairs.append(Pair(name: name, value: value))
        }
    }

    /// The first value of a name.
    subscript(_ name: String) -> String? { pairs.first { $0.name == name }?.value }

    /// The query with one name's values replaced, encoded.
    func replacing(_ name: String, with value: String) -> String {
        (pairs.filter { $0.name != name } + [Pair(name: name, value: value)])
            .map { PercentCoding.encode($0.name) + "=" + PercentCoding.encode($0.value) }
            .joined(separator: "&")
    }
}
