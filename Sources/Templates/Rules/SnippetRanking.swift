import WallTime

/// What a search has to know of a snippet.
struct SnippetCandidate: Sendable, Hashable {
    var id: SnippetID
    var shortcut: String
    var title: String
    var useCount: Int32 = 0
    var lastUseTime: Instant?
}

/// Why a snippet is found. Those before come first.
enum SnippetMatchRule: Int, Sendable, Hashable, CaseIterable {
    case shortcut, shortcutPrefix, title, any
}

/// The order in which "/" finds snippets (S34, C26).
struct SnippetRanking: Sendable, Hashable {
    /// What was typed, as it is compared.
    let query: String
    let words: [String]

    static let queryLengthMax = 100

    init(query: String) {
        self.query =
            SearchText.folded(query.hasPrefix("/") ? String(query.dropFirst()) : query)
            .trimmingBlanks
        words = SearchText.words(self.query)
    }

    /// `nil`: what was typed does not mean this snippet.
    func rule(for candidate: SnippetCandidate) -> SnippetMatchRule? {
        if query.isEmpty { return .any }
        if candidate.shortcut == query { return .shortcut }
        if candidate.shortcut.hasPrefix(query) { return .shortcutPrefix }
        return matchesTitle(SearchText.words(candidate.title)) ? .title : nil
    }

    /// Each word that was typed begins a word of the title.
    private func matchesTitle(_ title: [String]) -> Bool {
        !words.isEmpty && words.allSatisfy { word in title.contains { $0.hasPrefix(word) } }
    }

    /// The best ones, the best first: by rule, then by use, then by how lately; the shortcut decides the rest.
    func ranked(_ candidates: [SnippetCandidate], limit: Int) -> [(candidate: SnippetCandidate, rule: SnippetMatchRule)] {
        let found = candidates.compactMap { candidate in rule(for: candidate).map { (candidate: candidate, rule: $0) } }
        return Array(found.sorted { Self.precedes($0, $1) }.prefix(limit))
    }

    private static func precedes(
        _ one: (candidate: SnippetCandidate, rule: SnippetMatchRule),
        _ other: (candidate: SnippetCandidate, rule: SnippetMatchRule)
    ) -> Bool {
        if one.rule != other.rule { return one.rule.rawValue < other.rule.rawValue }
        if one.candidate.useCount != other.candidate.useCount { return one.candidate.useCount > other.candidate.useCount }
        let times = (one.candidate.lastUseTime ?? .earliest, other.candidate.lastUseTime ?? .earliest)
        if times.0 != times.1 { return times.0 > times.1 }
        return one.candidate.shortcut < other.candidate.shortcut
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
