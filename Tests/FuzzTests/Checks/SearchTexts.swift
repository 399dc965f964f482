@testable import Conversations

/// What people look for, and in which texts.
enum SearchTexts {
    /// The first line as a query, the rest as a text in which it is highlighted.
    static func read(_ input: [UInt8]) -> Bool {
        let parts = input.split(separator: UInt8(ascii: "\n"), maxSplits: 1, omittingEmptySubsequences: false)
        let query = SearchQuery(String(decoding: parts[0], as: UTF8.self))
        precondition(query.wanted.allSatisfy { !$0.words.isEmpty } && query.unwanted.allSatisfy { !$0.words.isEmpty })
        for word in query.words { precondition(word.low < word.high, "\(word.text) stands nowhere") }
        let text = parts.count == 2 ? String(decoding: parts[1], as: UTF8.self) : ""
        for withNumbers in [false, true] {
            let excerpt = Excerpt(of: text, for: query, withNumbers: withNumbers)
            let length = excerpt.text.unicodeScalars.count
            precondition(length <= Excerpt.lengthMax, "an excerpt of \(length)")
            precondition(excerpt.highlights.allSatisfy { 0 <= $0.lowerBound && $0.upperBound <= length }, "a place outside")
        }
        let stands = query.wanted.contains { $0.stands(in: text) }
        precondition(!stands || SearchText.words(text).count > 0)
        return stands
    }
}
