/// A media type without its parameters, in lower case.
struct MediaType: Sendable, Hashable {
    var type: String
    var subtype: String

    static let json = MediaType("application/json")!
    static let problem = MediaType("application/problem+json")!
    static let eventStream = MediaType("text/event-stream")!
    static let newlineJSON = MediaType("application/x-ndjson")!
    static let html = MediaType("text/html")!

    init?(_ header: some StringProtocol) {
        let bare = header.prefix { $0 != ";" }
        let halves = bare.trimmedOfSpaces.lowercased().split(separator: "/", omittingEmptySubsequences: false)
        guard halves.count == 2, !halves[0].isEmpty, !halves[1].isEmpty else { return nil }
        type = String(halves[0])
        subtype = String(halves[1])
    }

    var description: String { "\(type)/\(subtype)" }
}

/// The header `Accept` (RFC 9110, section 12.5.1). An absent header accepts everything.
struct Accept: Sendable {
    private var ranges: [(range: MediaType, quality: Double)]

    init(_ header: String?) {
        ranges = (header ?? "*/*").split(separator: ",").compactMap { part in
            guard let range = MediaType(part) else { return nil }
            let quality = part.split(separator: ";").dropFirst().map(\.trimmedOfSpaces).first { $0.hasPrefix("q=") }
            return (range, quality.flatMap { Double($0.dropFirst(2)) } ?? 1)
        }
    }

    /// The best of what is on offer, the first among equals; nil when none is acceptable.
    func best(of offers: [MediaType]) -> MediaType? {
        var best: (offer: MediaType, quality: Double)?
        for offer in offers {
            let quality = quality(of: offer)
            if quality > (best?.quality ?? 0) { best = (offer, quality) }
        }
        return best?.offer
    }

    /// Whether a type is named itself, not through a wildcard.
    func names(_ type: MediaType) -> Bool { ranges.contains { $0.range == type && $0.quality > 0 } }

    private func quality(of offer: MediaType) -> Double {
        var found: (specificity: Int, quality: Double)?
        for (range, quality) in ranges {
            let specificity =
                switch (range.type, range.subtype) {
                case (offer.type, offer.subtype): 2
                case (offer.type, "*"): 1
                case ("*", "*"): 0
                default: -1
                }
            if specificity > (found?.specificity ?? -1) { found = (specificity, quality) }
        }
        return found?.quality ?? 0
    }
}
