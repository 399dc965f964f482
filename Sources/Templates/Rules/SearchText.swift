/// Text as it is compared in a search: in lower case, without the accents of the letters of Latin alphabets, cut into words.
enum SearchText {
    static func folded(_ text: String) -> String {
        var folded = ""
        for scalar in text.lowercased().unicodeScalars {
            // A letter followed by its accent as a character of its own.
            if (0x300...0x36F).contains(scalar.value) { continue }
            if let plain = plain[scalar] { folded += plain } else { folded.unicodeScalars.append(scalar) }
        }
        return folded
    }

    static func words(_ text: String) -> [String] {
        folded(text).split { !($0.isLetter || $0.isNumber) }.map(String.init)
    }

    private static let plain: [Unicode.Scalar: String] = {
        let families = [
            ("a", "àáâãäåāăą"), ("c", "çćĉċč"), ("d", "ďđ"), ("e", "èéêëēĕėęě"), ("g", "ĝğġģ"), ("i", "ìíîïĩīĭįı"), ("l", "ĺļľł"),
            ("n", "ñńņň"), ("o", "òóôõöøōŏő"), ("r", "ŕŗř"), ("s", "śŝşš"), ("t", "ţťŧ"), ("u", "ùúûüũūŭůűų"), ("y", "ýÿŷ"),
            ("z", "źżž"), ("ss", "ß"), ("ae", "æ"), ("oe", "œ"),
        ]
        return Dictionary(
            families.flatMap { plain, letters in letters.unicodeScalars.map { ($0, plain) } },
            uniquingKeysWith: { first, _ in first })
    }()
}
