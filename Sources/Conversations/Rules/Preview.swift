/// C25: one line that stands for a message in a list.
enum Preview {
    static let charactersMax = 120

    /// The first line with text in it, at most 120 characters; without text, what is attached: `[audio]`.
    static func line(text: String, placeholder: String?) -> String {
        for line in text.split(whereSeparator: \.isNewline) {
            let trimmed = line.drop(while: \.isWhitespace)
            if trimmed.isEmpty { continue }
            return trimEnd(String(trimmed.prefix(charactersMax)))
        }
        return placeholder.map { "[\($0)]" } ?? ""
    }

    private static func trimEnd(_ text: String) -> String {
        var text = text
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
