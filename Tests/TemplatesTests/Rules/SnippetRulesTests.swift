import FoundationEssentials
import Testing
import WallTime

@testable import Templates

@Suite("Snippets")
struct SnippetRulesTests {
    private func candidate(
        _ shortcut: String, _ title: String = "x", uses: Int32 = 0, last: Int64? = nil
    ) -> SnippetCandidate {
        SnippetCandidate(
            id: SnippetID(UUID()), shortcut: shortcut, title: title, useCount: uses,
            lastUseTime: last.map { Instant(seconds: $0) })
    }

    private func found(_ query: String, _ candidates: [SnippetCandidate], limit: Int = 50) -> [String] {
        SnippetRanking(query: query).ranked(candidates, limit: limit).map { "\($0.candidate.shortcut):\($0.rule)" }
    }

    @Test("S34, C26: exactly that shortcut, then shortcuts that begin so, then titles; each by use and then by how lately")
    func S34_ranking() {
        let all = [
            candidate("bye", "Say hello at last", uses: 99), candidate("hello", "x", uses: 1), candidate("hello-2", "x", uses: 5),
            candidate("hello-1", "x", uses: 9), candidate("hello-4", "x", uses: 5, last: 20),
            candidate("hello-3", "x", uses: 5, last: 10), candidate("other", "nothing", uses: 100),
        ]
        let order = [
            "hello:shortcut", "hello-1:shortcutPrefix", "hello-4:shortcutPrefix", "hello-3:shortcutPrefix",
            "hello-2:shortcutPrefix", "bye:title",
        ]
        #expect(found("hello", all) == order && found("/hello", all.reversed()) == order)
        #expect(found("hello", all, limit: 2) == Array(order.prefix(2)))
        #expect(found("", all).prefix(2) == ["other:any", "bye:any"])
        #expect(found("nobody", all) == [])
    }

    @Test("words are compared without case and accents, each as the beginning of a word")
    func words() {
        let snippet = [candidate("s", "Saudação inicial — João")]
        for query in ["saud", "SAUDACAO", "Saudação", "inic", "joao", "joa saud", "/inicial"] {
            #expect(found(query, snippet) == ["s:title"], "\(query)")
        }
        for query in ["udacao", "saudx", "saud inicialx", "-", "—"] { #expect(found(query, snippet) == [], "\(query)") }
        #expect(SearchText.folded("ÀÉÎÕÜ Çß Œ e\u{301}") == "aeiou css oe e")
    }

    @Test("a snippet's text is that of the language asked for, else of any, else the first")
    func languages() {
        func text(_ locales: [String], for asked: [String]) -> String? {
            SnippetContent(texts: locales.map { .init(locale: $0, text: $0.isEmpty ? "any" : $0) })
                .text(for: asked.compactMap(TemplateLanguage.init))?.text
        }
        #expect(text(["en", "pt-BR"], for: ["pt-BR"]) == "pt-BR")
        #expect(text(["en", "pt-BR"], for: ["pt-PT"]) == "pt-BR")
        #expect(text(["en", "pt-BR"], for: ["fr", "en-US"]) == "en")
        #expect(text(["en", ""], for: ["fr"]) == "any")
        #expect(text(["en", "pt-BR"], for: ["fr"]) == "en")
        #expect(text(["en", "pt-BR"], for: []) == "en")
    }

    @Test("variables are filled in, and one without a value is named instead of left out")
    func rendering() throws {
        let text = SnippetContent.LocalText(
            text: "Hi {{contact.first_name}}, {{agent.display_name}} here, {{contact.first_name}}!")
        #expect(text.variables == ["contact.first_name", "agent.display_name"])
        let values = ["contact.first_name": "Ana", "agent.display_name": "{{tenant.display_name}}", "contact.email": "unused"]
        #expect(try text.rendered(values) == "Hi Ana, {{tenant.display_name}} here, Ana!")
        #expect(throws: SnippetContent.LocalText.MissingVariables(names: ["contact.first_name", "agent.display_name"])) {
            try text.rendered(["contact.first_name": ""])
        }
    }

    private func wrong(_ change: (inout SnippetContent) -> Void) -> [String] {
        var content = SnippetContent(shortcut: "hi", title: "Greeting", texts: [.init(text: "Hi")])
        change(&content)
        return content.violations.map(\.field)
    }

    @Test("what a snippet may be")
    func limits() {
        #expect(wrong { _ in } == [])
        for shortcut in ["a", "0-a_b", String(repeating: "a", count: 32)] { #expect(wrong { $0.shortcut = shortcut } == []) }
        for shortcut in ["", "-a", "A", "a b", "/a", "á", String(repeating: "a", count: 33)] {
            #expect(wrong { $0.shortcut = shortcut } == ["shortcut"], "\(shortcut)")
        }
        for title in ["", "a\nb", String(repeating: "a", count: 101)] { #expect(wrong { $0.title = title } == ["title"]) }
        let department = UUID()
        #expect(wrong { $0.departmentIDs = [department, department] } == ["department_ids"])
        #expect(wrong { $0.departmentIDs = (0..<50).map { _ in UUID() } } == [])
        #expect(wrong { $0.departmentIDs = (0..<51).map { _ in UUID() } } == ["department_ids"])
        #expect(wrong { $0.texts = [] } == ["texts"])
        #expect(
            wrong { $0.texts = [.init(locale: "pt-BR", text: "a"), .init(locale: "pt_br", text: "b")] } == ["texts[1].locale"])
        #expect(wrong { $0.texts = [.init(locale: "no language", text: "a")] } == ["texts[0].locale"])
        for text in ["", "{{", "{{contact.frist_name}}", "{{1}}", String(repeating: "a", count: 4_097)] {
            #expect(wrong { $0.texts = [.init(text: text)] } == ["texts[0].text"], "\(text.prefix(30))")
        }
        #expect(wrong { $0.texts = [.init(text: "{{contact.attributes.size}} {{tenant.display_name}}")] } == [])
    }

    @Test("snippets of departments are seen by their members, those of none by everybody, all by who manages them")
    func visibility() {
        let (own, other) = (UUID(), UUID())
        let member = SnippetViewer.member(of: [own])
        #expect(member.sees([]) && member.sees([other, own]) && !member.sees([other]))
        #expect(SnippetViewer.all.sees([other]) && !SnippetViewer.member(of: []).sees([own]))
    }

    @Test("who loses sight of a snippet learns that, and no more")
    func sight() {
        let (own, other) = (UUID(), UUID())
        func sight(_ before: [UUID]?, _ after: [UUID]?) -> TemplateEvent.Sight {
            TemplateEvent(
                kind: .snippetUpdated, subjectID: UUID(), departmentsBefore: before, departmentsAfter: after
            ).sight(of: .member(of: [own]))
        }
        #expect(sight([other], [own]) == .seen && sight([own], [other]) == .lost && sight([own], nil) == .lost)
        #expect(sight([other], [other]) == .hidden && sight(nil, [other]) == .hidden && sight([], [own]) == .seen)
    }
}
