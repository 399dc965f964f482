import Testing
import WallTime
import WorkingTime

@testable import Conversations

@Suite("C45, C59: which text is said")
struct AutomaticReplyTests {
    @Test(
        "C59: his language and region, his language, the text for everybody, the first",
        arguments: [
            ("pt-BR", "oi"), ("PT-br", "oi"), ("pt-PT", "olá"), ("pt", "olá"), ("es-MX", "hola"), ("fr", "hello"), ("", "hello"),
        ])
    func C59_text(locale: String, said: String) {
        let reply = AutomaticReply(texts: [
            .init(locale: "pt-BR", text: "oi"), .init(locale: "pt", text: "olá"), .init(locale: "es-ES", text: "hola"),
            .init(locale: "", text: "hello"),
        ])
        #expect(reply.text(for: [locale])?.text == said)
    }

    @Test("C45: without a text for everybody the first is said, and without texts nothing")
    func C45_first() {
        #expect(AutomaticReply(texts: [.init(locale: "pt", text: "oi")]).text(for: ["fr"])?.text == "oi")
        #expect(AutomaticReply(texts: []).text(for: ["pt"]) == nil)
    }

    @Test(
        "C59: the customer's language first, then the tenant's, then the text for everybody",
        arguments: [("es", "pt", "hola"), ("fr", "pt-PT", "oi"), ("", "pt", "oi"), ("fr", "de", "hello"), ("", "", "hello")])
    func C59_order(customer: String, tenant: String, said: String) {
        let reply = AutomaticReply(texts: [
            .init(locale: "", text: "hello"), .init(locale: "pt-BR", text: "oi"), .init(locale: "es", text: "hola"),
        ])
        #expect(reply.text(for: [customer, tenant])?.text == said)
    }

    @Test(
        "C45: the next opening in the words of the language and the time of the zone",
        arguments: [
            ("en", "America/Sao_Paulo", "Monday, 30 November, 09:00"),
            ("pt-BR", "America/Sao_Paulo", "segunda-feira, 30 de novembro, 09:00"),
            ("es-MX", "America/Sao_Paulo", "lunes, 30 de noviembre, 09:00"), ("fr", "Asia/Tokyo", "2026-11-30 21:00"),
            ("en", "Pacific/Auckland", "Tuesday, 1 December, 01:00"),
        ])
    func C45_opening(locale: String, zone: String, words: String) throws {
        let opening = try #require(Instant("2026-11-30T12:00:00Z"))
        #expect(OpeningWords(opening: opening, zone: try ZoneRules(zone)).text(in: locale) == words)
    }
}
