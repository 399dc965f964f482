@testable import Templates

/// What people write into templates and snippets.
enum TemplateTexts {
    /// The input as a text with variables.
    static func read(_ input: [UInt8]) -> Bool {
        let text = String(decoding: input, as: UTF8.self)
        let parsed = TemplateText(text)
        precondition(parsed.steps <= text.utf8.count, "a byte was looked at twice")
        let again = parsed.expanded(lengthMax: text.unicodeScalars.count) { "{{\($0)}}" }
        precondition(again == text, "a text in which each variable stands for itself is another one")
        return parsed.malformedCount == 0 && !parsed.variables.isEmpty
    }
}
