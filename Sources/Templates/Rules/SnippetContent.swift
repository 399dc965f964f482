import FoundationEssentials
import ServiceRuntime

/// What people write into a snippet.
struct SnippetContent: Sendable, Hashable {
    var shortcut = ""
    var title = ""
    /// None: every department.
    var departmentIDs: [UUID] = []
    /// The first is taken when none fits.
    var texts: [LocalText] = []

    /// The form in which it is kept is that of its Codable conformance.
    struct LocalText: Sendable, Hashable, Codable {
        /// As people's locales write it; empty: any language.
        var locale = ""
        var text: String

        /// Its variables, each once.
        var variables: [String] { TemplateText(text).variables }
    }

    static let shortcutLengthMax = 32
    static let titleLengthMax = 100
    static let departmentsMax = 50
    static let textsMax = 20
    static let textLengthMax = 4_096
    static let perTenantMax = 5_000
}

extension SnippetContent {
    /// Everything that is wrong, each by its path in the contract's Snippet.
    var violations: [Failure.FieldViolation] {
        var found: [Failure.FieldViolation] = []
        func note(_ field: String, _ problem: String?) { if let problem { found.append(.init(field, problem)) } }
        note("shortcut", shortcutProblem)
        note("title", title.lineProblem(lengthMax: Self.titleLengthMax))
        if departmentIDs.count > Self.departmentsMax { note("department_ids", "must be at most \(Self.departmentsMax)") }
        if Set(departmentIDs).count < departmentIDs.count { note("department_ids", "has one twice") }
        if !(1...Self.textsMax).contains(texts.count) { note("texts", "must be 1 to \(Self.textsMax)") }
        var locales: Set<String> = []
        for (index, text) in texts.prefix(Self.textsMax).enumerated() {
            let language = TemplateLanguage(text.locale)
            if !text.locale.isEmpty, language == nil { note("texts[\(index)].locale", "must be a language, such as pt-BR") }
            if !locales.insert(language?.locale ?? "").inserted { note("texts[\(index)].locale", "is there twice") }
            note("texts[\(index)].text", text.problem)
        }
        return found
    }

    private var shortcutProblem: String? {
        if shortcut.isEmpty { return "is required" }
        if shortcut.utf8.count > Self.shortcutLengthMax { return "must have at most \(Self.shortcutLengthMax) characters" }
        let isWord = shortcut.utf8.allSatisfy { $0.isLowerOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_") }
        return isWord && shortcut.utf8.first?.isLowerOrDigit == true
            ? nil : "may hold a-z, 0-9, - and _, and begins with a letter or digit"
    }
}

extension SnippetContent.LocalText {
    fileprivate var problem: String? {
        if text.isEmpty { return "is required" }
        if text.unicodeScalars.count > SnippetContent.textLengthMax {
            return "must have at most \(SnippetContent.textLengthMax) characters"
        }
        let parsed = TemplateText(text)
        if parsed.malformedCount > 0 { return "has {{ that opens no variable" }
        let unknown = parsed.variables.filter { !SnippetVariable.isKnown($0) }
        return unknown.isEmpty ? nil : "unknown variables: \(unknown.joined(separator: ", "))"
    }
}

/// The variables a snippet may have.
enum SnippetVariable {
    static let names: Set<String> = [
        "contact.display_name", "contact.first_name", "contact.email", "contact.phone", "conversation.id", "conversation.channel",
        "conversation.department", "conversation.subject", "conversation.ticket_number", "agent.display_name",
        "tenant.display_name",
    ]
    static let attributePrefix = "contact.attributes."
    static let valueLengthMax = 1_024

    static func isKnown(_ name: String) -> Bool {
        if names.contains(name) { return true }
        guard name.hasPrefix(attributePrefix) else { return false }
        return String(name.dropFirst(attributePrefix.count)).isVariable(.named)
    }
}

extension SnippetContent {
    /// The text for who speaks these languages: the best fit, else one of any language, else the first.
    func text(for locales: [TemplateLanguage]) -> LocalText? {
        let candidates = texts.compactMap { text in TemplateLanguage(text.locale).map { LanguageChoice.Candidate(language: $0) } }
        if let chosen = LanguageChoice.choose(candidates, for: locales) {
            return texts.first { TemplateLanguage($0.locale) == chosen.language }
        }
        return texts.first { $0.locale.isEmpty } ?? texts.first
    }
}

extension SnippetContent.LocalText {
    /// The text with all its variables filled in.
    /// - Throws: the variables that have no value.
    func rendered(_ values: [String: String]) throws(MissingVariables) -> String {
        let parsed = TemplateText(text)
        let missing = parsed.variables.filter { values[$0, default: ""].isEmpty }
        guard missing.isEmpty else { throw MissingVariables(names: missing) }
        // Each value is bounded, and so is the number of variables: so is this.
        return parsed.expanded(lengthMax: .max) { values[$0] } ?? ""
    }

    struct MissingVariables: Error, Hashable {
        var names: [String]
    }
}

/// Whose snippets somebody sees.
enum SnippetViewer: Sendable, Hashable {
    /// Who manages them, and services.
    case all
    /// Members of these departments.
    case member(of: Set<UUID>)

    func sees(_ departmentIDs: [UUID]) -> Bool {
        switch self {
        case .all: true
        case .member(let own): departmentIDs.isEmpty || departmentIDs.contains { own.contains($0) }
        }
    }
}

extension String {
    /// What keeps a text from being a line of 1 to so many characters.
    func lineProblem(lengthMax: Int) -> String? {
        if isEmpty { return "is required" }
        if unicodeScalars.count > lengthMax { return "must have at most \(lengthMax) characters" }
        return unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F } ? "must be one line" : nil
    }
}
