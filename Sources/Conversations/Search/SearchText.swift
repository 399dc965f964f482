/// Texts as search knows them (C62): words without case and accents, in the order in which they stand.
///
/// They are cut here, and not by PostgreSQL's text search: under forced row-level security the runtime role may use no index by
/// `@@`, which is not leakproof, and so words stand in a table of their own (`search_word`), whose b-tree it may use. The same cut
/// serves what is stored, what is asked for and what is highlighted. No language is assumed: nothing is stemmed and no word is
/// left out, which serves Portuguese, Spanish, English and names alike.
enum SearchText {
    /// Words of one text; those behind them are not known.
    static let wordsMax = 4_000
    /// Code points of one word; longer ones are known by these.
    static let wordLengthMax = 64

    /// A word and its place in the text, in Unicode code points.
    struct Word: Hashable, Sendable {
        var text: String
        var place: Range<Int>
    }

    static func words(_ text: some StringProtocol) -> [Word] {
        var cutter = WordCutter()
        for scalar in text.unicodeScalars {
            cutter.take(scalar)
            if cutter.words.count == wordsMax { return cutter.words }
        }
        cutter.end()
        return cutter.words
    }

    /// The words without their places.
    static func plain(_ text: String) -> [String] { words(text).map(\.text) }

    /// The words of an address: of a telephone number also its ends, for nobody begins it with the country's code.
    static func words(ofAddress address: String, isNumber: Bool) -> [String] {
        let words = plain(address)
        guard isNumber, words.count == 1, let digits = words.first, digits.count > numberEndMin else { return words }
        return words + (1...digits.count - numberEndMin).map { String(digits.dropFirst($0)) }
    }

    /// Digits of the shortest end of a number that it is found by.
    static let numberEndMin = 4
}

extension Sequence where Element: Hashable {
    /// Each once, in the order in which they come first.
    func distinct() -> [Element] {
        var seen: Set<Element> = []
        return filter { seen.insert($0).inserted }
    }
}

/// Cuts one text, code point by code point.
private struct WordCutter {
    private(set) var words: [SearchText.Word] = []
    private var text = ""
    private var length = 0
    private var start = 0
    private var next = 0

    mutating func take(_ scalar: Unicode.Scalar) {
        defer { next += 1 }
        switch Folding.part(scalar) {
        case .none: end()
        case .mark: break
        case .letter(let folded):
            if text.isEmpty { start = next }
            if length < SearchText.wordLengthMax { text += folded }
            length += 1
        case .sign(let folded):
            // Where words are written without spaces, each sign is one.
            end()
            words.append(.init(text: folded, place: next..<next + 1))
        }
    }

    mutating func end() {
        if !text.isEmpty { words.append(.init(text: text, place: start..<next)) }
        text.removeAll(keepingCapacity: true)
        length = 0
    }
}

/// What becomes of a code point: its letter in lower case and without accents.
private enum Folding {
    enum Part {
        case letter(String), sign(String)
        /// An accent that stands behind its letter.
        case mark
        /// Stands between words.
        case none
    }

    static func part(_ scalar: Unicode.Scalar) -> Part {
        if scalar.isASCII {
            switch scalar {
            case "a"..."z", "0"..."9": return .letter(String(scalar))
            case "A"..."Z": return .letter(String(Unicode.Scalar(UInt8(scalar.value) + 32)))
            default: return .none
            }
        }
        if let plain = plain[scalar] { return .letter(plain) }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .decimalNumber:
            return .letter(properties.numericValue.map { String(Int($0)) } ?? String(scalar))
        default: break
        }
        guard properties.isAlphabetic else { return .none }
        if properties.isIdeographic || (0x3040...0x30FF).contains(scalar.value) { return .sign(String(scalar)) }
        return .letter(properties.lowercaseMapping)
    }

    /// Latin letters in one piece with their accents, and those that are two letters elsewhere.
    private static let plain: [Unicode.Scalar: String] = {
        let letters: [(String, String)] = [
            ("a", "àáâãäåāăąǎÀÁÂÃÄÅĀĂĄǍªạảấầẩẫậắằẳẵặẠẢẤẦẨẪẬẮẰẲẴẶ"), ("c", "çćĉċčÇĆĈĊČ"), ("d", "ďđðĎĐÐ"),
            ("e", "èéêëēĕėęěÈÉÊËĒĔĖĘĚẹẻẽếềểễệẸẺẼẾỀỂỄỆ"), ("g", "ĝğġģĜĞĠĢ"), ("h", "ĥħĤĦ"),
            ("i", "ìíîïĩīĭįıǐÌÍÎÏĨĪĬĮİǏỉịỈỊ"), ("j", "ĵĴ"), ("k", "ķĶ"), ("l", "ĺļľŀłĹĻĽĿŁ"), ("n", "ñńņňÑŃŅŇ"),
            ("o", "òóôõöøōŏőǒÒÓÔÕÖØŌŎŐǑºơƠọỏốồổỗộớờởỡợỌỎỐỒỔỖỘỚỜỞỠỢ"), ("r", "ŕŗřŔŖŘ"), ("s", "śŝşšșŚŜŞŠȘ"), ("t", "ţťŧțŢŤŦȚ"),
            ("u", "ùúûüũūŭůűųǔÙÚÛÜŨŪŬŮŰŲǓưƯụủứừửữựỤỦỨỪỬỮỰ"), ("w", "ŵŴ"), ("y", "ýÿŷÝŸŶỳỵỷỹỲỴỶỸ"), ("z", "źżžŹŻŽ"),
            ("ss", "ßẞ"), ("ae", "æÆ"), ("oe", "œŒ"), ("th", "þÞ"),
        ]
        var plain: [Unicode.Scalar: String] = [:]
        for (letter, accented) in letters {
            for scalar in accented.unicodeScalars { plain[scalar] = letter }
        }
        return plain
    }()
}
