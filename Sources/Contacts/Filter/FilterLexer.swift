/// A piece of a filter's text.
struct FilterToken: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case word(String)
        case quoted(String)
        case comparator(FilterComparator)
        case open, close, dot, minus
        case end
    }

    var kind: Kind
    /// In characters from 0.
    var position: Int
}

/// Cuts a filter into tokens.
struct FilterLexer {
    private let characters: [Character]
    private var position = 0

    init(_ text: String) throws(FilterError) {
        guard text.count <= FilterLimits.lengthMax else {
            throw FilterError("longer than \(FilterLimits.lengthMax) characters", at: FilterLimits.lengthMax)
        }
        characters = Array(text)
        if let position = characters.firstIndex(of: "\0") { throw FilterError("contains U+0000", at: position) }
    }

    static func tokens(of text: String) throws(FilterError) -> [FilterToken] {
        var lexer = try FilterLexer(text)
        var tokens: [FilterToken] = []
        while true {
            let token = try lexer.next()
            tokens.append(token)
            if token.kind == .end { return tokens }
        }
    }

    private mutating func next() throws(FilterError) -> FilterToken {
        while position < characters.count, characters[position].isWhitespace { position += 1 }
        let start = position
        guard position < characters.count else { return FilterToken(kind: .end, position: start) }
        return FilterToken(kind: try kind(), position: start)
    }

    private mutating func kind() throws(FilterError) -> FilterToken.Kind {
        let character = characters[position]
        switch character {
        case "(": return advanced(to: .open)
        case ")": return advanced(to: .close)
        case ".": return advanced(to: .dot)
        case "-" where !nextIsDigit: return advanced(to: .minus)
        case "\"", "'": return .quoted(try quoted(until: character))
        case "=", "!", "<", ">", ":": return .comparator(try comparator())
        case _ where Self.isWord(character) || character == "-": return .word(word())
        default: throw FilterError("unexpected \"\(character)\"", at: position)
        }
    }

    private mutating func advanced(to kind: FilterToken.Kind) -> FilterToken.Kind {
        position += 1
        return kind
    }

    private mutating func quoted(until quote: Character) throws(FilterError) -> String {
        let start = position
        var text = ""
        position += 1
        while position < characters.count {
            var character = characters[position]
            position += 1
            if character == quote { return text }
            if character == "\\" {
                guard position < characters.count else { break }
                character = characters[position]
                position += 1
            }
            text.append(character)
        }
        throw FilterError("the quotation does not end", at: start)
    }

    private mutating func comparator() throws(FilterError) -> FilterComparator {
        let start = position
        for length in [2, 1] where start + length <= characters.count {
            if let comparator = FilterComparator(rawValue: String(characters[start..<start + length])) {
                position += length
                return comparator
            }
        }
        throw FilterError("unexpected \"\(characters[start])\"", at: start)
    }

    /// A name, a number (with sign, fraction and exponent), an id or a wildcard. A dot belongs to it between digits only,
    /// so that `attributes.plan` is three tokens and `1.5` is one.
    private mutating func word() -> String {
        let start = position
        position += 1
        while position < characters.count {
            let character = characters[position]
            let joinsDigits = character == "." && characters[position - 1].isNumber && nextIsDigit && startsNumber(at: start)
            guard Self.isWord(character) || character == "-" || character == "+" || joinsDigits else { break }
            position += 1
        }
        return String(characters[start..<position])
    }

    private var nextIsDigit: Bool {
        position + 1 < characters.count && characters[position + 1].isNumber
    }

    private func startsNumber(at start: Int) -> Bool {
        characters[start].isNumber || characters[start] == "-"
    }

    private static func isWord(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "_" || character == "*" || character == "@" || character == "/"
    }
}
