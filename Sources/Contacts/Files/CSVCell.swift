/// One cell of a CSV file, safe in a spreadsheet: a text that would be run as a formula gets an apostrophe before it, and on the
/// way back loses it. A text that has the apostrophe of its own gets a second one, so that every text comes back as it was.
enum CSVCell {
    /// What a spreadsheet takes for the beginning of a formula, or skips before one; the full-width forms, too.
    private static let starters: Set<Unicode.Scalar> = ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"]

    static func guarded(_ text: String) -> String { isFormula(text) ? "'" + text : text }

    static func unguarded(_ text: String) -> String {
        text.unicodeScalars.first == "'" && isFormula(text) ? String(text.unicodeScalars.dropFirst()) : text
    }

    /// As it stands in the file: guarded, and in quotes where it needs them (RFC 4180).
    static func written(_ text: String) -> String {
        let guarded = guarded(text)
        let needsQuotes = isFormula(text) || guarded.unicodeScalars.contains { "\",\r\n".unicodeScalars.contains($0) }
        guard needsQuotes else { return guarded }
        return "\"" + guarded.replacing("\"", with: "\"\"") + "\""
    }

    static func row(_ cells: [String]) -> String {
        // A line without anything is passed over by who reads it.
        (cells == [""] ? "\"\"" : cells.map(written).joined(separator: ",")) + "\r\n"
    }

    /// Apostrophes in front do not count.
    private static func isFormula(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first(where: { $0 != "'" }) else { return false }
        return starters.contains(first)
    }
}
