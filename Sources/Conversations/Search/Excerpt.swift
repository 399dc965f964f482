/// A piece of a text around what was found in it, one line, with the places of the matches in Unicode code points.
struct Excerpt: Hashable, Sendable {
    static let lengthMax = 160
    /// What is shown before the first match.
    static let lead = 40

    var text: String
    var highlights: [Range<Int>]

    /// - Parameter withNumbers: numbers are found by their ends, too, as in an address.
    init(of whole: String, for query: SearchQuery, withNumbers: Bool = false) {
        let words = SearchText.words(whole)
        var matches: Set<Range<Int>> = withNumbers ? Self.ends(of: words, query) : []
        for phrase in query.wanted {
            for start in phrase.places(in: words) {
                for index in phrase.words.indices { matches.insert(words[start + index].place) }
            }
        }
        let ordered = matches.sorted { $0.lowerBound < $1.lowerBound }
        let scalars = Array(whole.unicodeScalars)
        let window = Self.window(scalars.count, words, first: ordered.first)
        var shown = scalars[window].map { $0.properties.isWhitespace || $0.value < 0x20 ? " " : $0 }
        if window.upperBound < scalars.count { shown.append("…") }
        var shift = window.lowerBound
        if window.lowerBound > 0 {
            shown.insert("…", at: 0)
            shift -= 1
        }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: shown)
        self.text = String(text)
        highlights = ordered.filter { window.lowerBound <= $0.lowerBound && $0.upperBound <= window.upperBound }
            .map { $0.lowerBound - shift..<$0.upperBound - shift }
    }

    /// As the contract writes them: start and end in turn.
    var flat: [Int32] { highlights.flatMap { [Int32($0.lowerBound), Int32($0.upperBound)] } }

    private static func ends(of words: [SearchText.Word], _ query: SearchQuery) -> Set<Range<Int>> {
        var places: Set<Range<Int>> = []
        for phrase in query.wanted where phrase.words.count == 1 && phrase.words[0].count >= SearchText.numberEndMin {
            for word in words where word.text.allSatisfy(\.isNumber) && word.text.count == word.place.count {
                let found = phrase.isOpen ? word.text.firstRange(of: phrase.words[0]) : nil
                if let found {
                    let start = word.place.lowerBound + word.text.distance(from: word.text.startIndex, to: found.lowerBound)
                    places.insert(start..<start + phrase.words[0].count)
                } else if word.text.hasSuffix(phrase.words[0]) {
                    places.insert(word.place.upperBound - phrase.words[0].count..<word.place.upperBound)
                }
            }
        }
        return places
    }

    /// Begins with a word, shortly before the first match; two places are for the signs of what is left out.
    private static func window(_ count: Int, _ words: [SearchText.Word], first: Range<Int>?) -> Range<Int> {
        guard count > lengthMax else { return 0..<count }
        let wish = max(0, (first?.lowerBound ?? 0) - lead)
        let start = wish == 0 ? 0 : words.first { $0.place.lowerBound >= wish }?.place.lowerBound ?? wish
        return start..<min(count, start + lengthMax - 2)
    }
}
