/// A language as providers write it: "pt", "pt_BR". People's locales ("pt-BR", "zh-Hant-TW") are read into the same form.
struct TemplateLanguage: Sendable, Hashable, CustomStringConvertible {
    /// Two or three lower-case letters.
    let language: String
    /// Two upper-case letters or three digits; empty: none.
    let region: String

    /// `nil` for what is no language: one subtag, perhaps a script (which is passed over) and a region.
    init?(_ text: String) {
        guard text.utf8.count <= 35 else { return nil }
        var subtags = text.split(omittingEmptySubsequences: false) { $0 == "-" || $0 == "_" }
        guard let first = subtags.first, (2...3).contains(first.utf8.count), first.utf8.allSatisfy(\.isLetter) else { return nil }
        subtags.removeFirst()
        if let script = subtags.first, script.utf8.count == 4, script.utf8.allSatisfy(\.isLetter) { subtags.removeFirst() }
        guard subtags.count <= 1 else { return nil }
        let region = subtags.first ?? ""
        let isRegion =
            (region.utf8.count == 2 && region.utf8.allSatisfy(\.isLetter))
            || (region.utf8.count == 3 && region.utf8.allSatisfy { (0x30...0x39).contains($0) })
        guard subtags.isEmpty || isRegion else { return nil }
        language = first.lowercased()
        self.region = region.uppercased()
    }

    /// As the provider and the database write it.
    var description: String { region.isEmpty ? language : "\(language)_\(region)" }

    /// As people's locales write it.
    var locale: String { region.isEmpty ? language : "\(language)-\(region)" }

    /// How well a text in this language serves who asks for another; lower is better, `nil`: not at all.
    func fit(for asked: TemplateLanguage) -> Int? {
        guard language == asked.language else { return nil }
        if region == asked.region { return 0 }
        return region.isEmpty ? 1 : 2
    }
}

/// C59: the language follows the contact, then the tenant.
enum LanguageChoice {
    struct Candidate: Sendable, Hashable {
        var language: TemplateLanguage
        /// Can be used now: those come before the others.
        var isUsable = true
    }

    /// Which of the candidates serves these locales, the first of them best; `nil`: none does.
    ///
    /// For each locale in turn the best fit; of equal ones the first in the alphabet, so that the answer is always the same.
    static func choose(_ candidates: [Candidate], for locales: [TemplateLanguage]) -> Candidate? {
        choose(candidates.filter(\.isUsable), locales) ?? choose(candidates, locales)
    }

    private static func choose(_ candidates: [Candidate], _ locales: [TemplateLanguage]) -> Candidate? {
        for locale in locales {
            let fitting = candidates.compactMap { candidate in candidate.language.fit(for: locale).map { ($0, candidate) } }
            let best = fitting.min { ($0.0, $0.1.language.description) < ($1.0, $1.1.language.description) }
            if let best { return best.1 }
        }
        return nil
    }
}

extension UInt8 {
    fileprivate var isLetter: Bool { (0x61...0x7A).contains(self) || (0x41...0x5A).contains(self) }
}
