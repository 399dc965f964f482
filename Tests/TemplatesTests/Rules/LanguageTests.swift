import Testing

@testable import Templates

@Suite("Languages")
struct LanguageTests {
    @Test(
        "provider's and people's ways of writing are one",
        arguments: [
            ("pt_BR", "pt_BR"), ("pt-BR", "pt_BR"), ("PT-br", "pt_BR"), ("en", "en"), ("fil", "fil"), ("zh-Hant-TW", "zh_TW"),
            ("es-419", "es_419"),
        ])
    func read(_ text: String, _ written: String) { #expect(TemplateLanguage(text)?.description == written) }

    @Test(
        "what is no language is none",
        arguments: ["", "p", "ptbr", "pt-", "-BR", "pt_B", "pt_BRA", "pt_BR_x", "1t", "pt BR", "português"])
    func refused(_ text: String) { #expect(TemplateLanguage(text) == nil) }

    /// `!` before a language: it cannot be used now.
    private func choose(_ languages: [String], for locales: [String]) -> String? {
        let candidates = languages.compactMap { word in
            TemplateLanguage(word.replacing("!", with: "")).map {
                LanguageChoice.Candidate(language: $0, isUsable: !word.hasPrefix("!"))
            }
        }
        return LanguageChoice.choose(candidates, for: locales.compactMap(TemplateLanguage.init))?.language.description
    }

    @Test(
        "C59: the language follows the contact, then the tenant; region, then no region, then another one; usable ones first",
        arguments: [
            (["en", "pt_BR", "pt"], ["pt-BR", "en"], "pt_BR"), (["en", "pt", "pt_PT"], ["pt-BR", "en"], "pt"),
            (["en", "pt_PT", "pt_AO"], ["pt-BR", "en"], "pt_AO"), (["en", "es"], ["pt-BR", "en-US"], "en"),
            (["en_US", "en_GB"], ["en"], "en_GB"), (["fr"], ["pt-BR", "en"], nil), (["en"], [], nil),
            (["!pt_BR", "en"], ["pt-BR", "en"], "en"), (["!pt_BR", "pt_PT", "en"], ["pt-BR", "en"], "pt_PT"),
            (["!pt_BR", "!en"], ["pt-BR", "en"], "pt_BR"), (["!pt_BR", "fr"], ["pt-BR"], "pt_BR"),
        ] as [([String], [String], String?)])
    func C59_choice(_ languages: [String], _ locales: [String], _ chosen: String?) {
        #expect(choose(languages, for: locales) == chosen)
        #expect(choose(languages.reversed(), for: locales) == chosen)
    }
}
