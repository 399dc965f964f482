/// The last fence before the log: strikes out what must never be there, whoever let it through.
///
/// The rule is that nobody logs personal data (STYLE.md 29). An error's text may quote values nobody chose, so tokens, PEM
/// blocks, passwords in URLs, e-mail addresses and long numbers are cut from every value.
package enum Redaction {
    /// The longest value written, in characters.
    static let valueLengthMax = 4_000

    package static func clean(_ text: String) -> String {
        guard
            text.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
                || text.utf8.count > 9
        else { return text }
        let cut = text.utf8.count > valueLengthMax ? String(text.prefix(valueLengthMax)) + "…" : text
        guard needsCleaning(cut) else { return cut }
        var clean = cut
        clean = clean.replacing(/-----BEGIN [A-Z ]+-----[\s\S]*?(-----END [A-Z ]+-----|$)/, with: "<key>")
        clean = clean.replacing(/eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*/, with: "<token>")
        clean = clean.replacing(/sk_[A-Za-z0-9]+_[A-Za-z0-9_-]+/, with: "<key>")
        clean = clean.replacing(/:\/\/[^\/@\s:]+:[^@\s]+@/, with: "://<credentials>@")
        clean = clean.replacing(/[^\s@"'<>=(),;:]+@[^\s@"'<>=(),;:]+\.[^\s@"'<>=(),;:]+/, with: "<e-mail>")
        clean = clean.replacing(/\+?[0-9](?:[ ().-]{0,2}[0-9]){9,18}/) { match in
            looksLikePhone(match.output, in: clean) ? "<number>" : String(match.output)
        }
        return clean
    }

    private static func needsCleaning(_ text: String) -> Bool {
        var digits = 0
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "@"): return true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digits += 1
            default: break
            }
        }
        return digits >= 10 || text.contains("eyJ") || text.contains("-----BEGIN") || text.contains("sk_")
    }

    /// Ids and times have digits too: a run inside a word or a UUID is left alone.
    private static func looksLikePhone(_ run: Substring, in text: String) -> Bool {
        if run.hasPrefix("+") { return true }
        if run.startIndex > text.startIndex {
            let before = text[text.index(before: run.startIndex)]
            if before.isLetter || before.isNumber || before == "-" || before == "_" { return false }
        }
        if run.endIndex < text.endIndex {
            let after = text[run.endIndex]
            if after.isLetter || after.isNumber || after == "-" || after == "_" { return false }
        }
        // 2026-11-21 and the like.
        return run.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}.*/) == nil
    }
}
