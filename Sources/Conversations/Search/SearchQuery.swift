/// What somebody looks for (C62): words and phrases that must be there, and others that must not.
struct SearchQuery: Hashable, Sendable {
    static let charactersMax = 256
    static let wordsMax = 16
    /// The last word of what is typed may go on, from so many letters.
    static let beginningMin = 2
    /// What is all digits and their punctuation, from so many digits, is a telephone number.
    static let numberMin = 7

    /// Words that stand one behind the other.
    struct Phrase: Hashable, Sendable {
        var words: [String]
        /// The last word may go on.
        var isOpen = false
    }

    var wanted: [Phrase] = []
    var unwanted: [Phrase] = []

    init(_ text: String) {
        if let number = Self.number(text) {
            wanted = [Phrase(words: [number], isOpen: text.last?.isNumber ?? false)]
            return
        }
        var rest = Substring(text)
        while let piece = Self.nextPiece(&rest) {
            let words = SearchText.plain(String(piece.text))
            guard let last = words.last else { continue }
            if piece.isUnwanted {
                unwanted.append(Phrase(words: words))
            } else {
                wanted.append(
                    Phrase(words: words, isOpen: piece.isUnfinished && last.unicodeScalars.count >= Self.beginningMin))
            }
        }
    }

    /// How many words it has in all.
    var wordCount: Int { (wanted + unwanted).reduce(0) { $0 + $1.words.count } }

    /// What a conversation must have, whatever the order.
    var words: [SearchedWord] { SearchedWord.each(wanted) }

    /// Phrases of several words: the table of words knows nothing of their order.
    var wantedPhrases: [Phrase] { wanted.filter { $0.words.count > 1 } }
    var unwantedPhrases: [Phrase] { unwanted.filter { $0.words.count > 1 } }
    var unwantedWords: [String] { unwanted.compactMap { $0.words.count == 1 ? $0.words[0] : nil } }

    // MARK: - Reading

    private struct Piece {
        var text: Substring
        var isUnwanted: Bool
        /// Nothing follows, not even a space or a closing quote.
        var isUnfinished: Bool
    }

    private static func nextPiece(_ rest: inout Substring) -> Piece? {
        rest = rest.drop(while: \.isWhitespace)
        guard !rest.isEmpty else { return nil }
        let isUnwanted = rest.first == "-" && !(rest.dropFirst().first?.isWhitespace ?? true)
        if isUnwanted { rest.removeFirst() }
        let isQuoted = rest.first.map(isQuote) ?? false
        if isQuoted { rest.removeFirst() }
        let end = rest.firstIndex { isQuoted ? isQuote($0) : $0.isWhitespace || isQuote($0) } ?? rest.endIndex
        let piece = Piece(text: rest[..<end], isUnwanted: isUnwanted, isUnfinished: end == rest.endIndex)
        rest = rest[end...]
        if isQuoted, !rest.isEmpty { rest.removeFirst() }
        return piece
    }

    private static func isQuote(_ character: Character) -> Bool { "\"“”„«»".contains(character) }

    private static func number(_ text: String) -> String? {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard digits.count >= numberMin,
            text.allSatisfy({ ($0.isASCII && $0.isNumber) || $0.isWhitespace || "+-().".contains($0) })
        else { return nil }
        return digits
    }
}

/// One word that a conversation must have, and between which words of the table it stands.
struct SearchedWord: Hashable, Sendable {
    var text: String
    /// A word that begins so is as good.
    var isOpen = false

    /// The words of phrases, each once: where a word must stand whole, its beginning asks nothing more.
    static func each(_ phrases: [SearchQuery.Phrase]) -> [SearchedWord] {
        let all = phrases.flatMap { phrase in
            phrase.words.enumerated().map { index, word in
                SearchedWord(text: word, isOpen: phrase.isOpen && index == phrase.words.count - 1)
            }
        }
        let whole = Set(all.filter { !$0.isOpen }.map(\.text))
        return all.filter { !$0.isOpen || !whole.contains($0.text) }.distinct()
    }

    /// The first word of the range.
    var low: String { text }
    /// The first word behind the range, in the order of bytes.
    var high: String { text + (isOpen ? "\u{10FFFF}" : "\u{1}") }
}

// MARK: - In a text

extension SearchQuery.Phrase {
    func matches(_ word: String, at index: Int) -> Bool {
        word == words[index] || (isOpen && index == words.count - 1 && word.hasPrefix(words[index]))
    }

    /// Where the phrase stands among a text's words: the number of its first word, each time.
    func places(in text: [SearchText.Word]) -> [Int] {
        guard text.count >= words.count else { return [] }
        return (0...text.count - words.count).filter { start in
            words.indices.allSatisfy { matches(text[start + $0].text, at: $0) }
        }
    }

    func stands(in text: String) -> Bool { !places(in: SearchText.words(text)).isEmpty }
}
