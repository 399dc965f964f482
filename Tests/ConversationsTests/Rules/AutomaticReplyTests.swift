import Testing

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
        #expect(reply.text(for: locale) == said)
    }

    @Test("C45: without a text for everybody the first is said, and without texts nothing")
    func C45_first() {
        #expect(AutomaticReply(texts: [.init(locale: "pt", text: "oi")]).text(for: "fr") == "oi")
        #expect(AutomaticReply(texts: []).text(for: "pt") == nil)
    }
}
