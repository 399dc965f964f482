/// The `id` of an event in a live stream: the cursor of each service's log behind it. Opaque to browsers, which send it
/// back in `Last-Event-ID`.
struct StreamPosition: Sendable, Hashable {
    /// By service.
    var cursors: [String: String]

    /// Characters of a position accepted from a browser.
    static let lengthMax = 16 << 10

    init(cursors: [String: String]) { self.cursors = cursors }

    /// nil for what we never wrote.
    init?(_ text: String) {
        guard text.utf8.count <= Self.lengthMax, text.hasPrefix("1.") else { return nil }
        cursors = [:]
        for part in text.dropFirst(2).split(separator: ".") {
            let halves = part.split(separator: "~", maxSplits: 1)
            guard halves.count == 2, let service = PercentCoding.decode(halves[0]), let cursor = PercentCoding.decode(halves[1]),
                cursors.updateValue(cursor, forKey: service) == nil
            else { return nil }
        }
        guard !cursors.isEmpty else { return nil }
    }

    /// `1.service~cursor`, percent-encoded; a dot inside is encoded too, because it separates.
    var text: String {
        "1."
            + cursors.sorted { $0.key < $1.key }
            .map { Self.encode($0.key) + "~" + Self.encode($0.value) }
            .joined(separator: ".")
    }

    private static func encode(_ text: String) -> String {
        PercentCoding.encode(text).split(separator: ".", omittingEmptySubsequences: false).joined(separator: "%2E")
            .split(separator: "~", omittingEmptySubsequences: false).joined(separator: "%7E")
    }
}
