import Testing

@testable import Conversations

@Suite("C62: words, what is looked for, and excerpts")
struct SearchTextTests {
    @Test(
        "C62: case, accents and signs do not count, in one piece or two",
        arguments: [
            ("São Paulo, Ação!", ["sao", "paulo", "acao"]),
            ("¿Mañana, señor Núñez?", ["manana", "senor", "nunez"]),
            ("Sa\u{303}o JOSE\u{301}", ["sao", "jose"]),
            ("Straße Ærø Łódź", ["strasse", "aero", "lodz"]),
            ("nº 42 / v1.5", ["no", "42", "v1", "5"]),
            ("maria.silva@example.com", ["maria", "silva", "example", "com"]),
            ("ПРИВЕТ Ελλάδα", ["привет", "ελλάδα"]),
            ("返品です", ["返", "品", "で", "す"]),
            ("👍🏽 …", []),
        ])
    func C62_folding(text: String, words: [String]) {
        #expect(SearchText.plain(text) == words)
    }

    @Test("C62: a long word is known by its beginning, a long text by its first words")
    func C62_bounds() {
        #expect(SearchText.plain(String(repeating: "x", count: 500)) == [String(repeating: "x", count: 64)])
        #expect(SearchText.plain(String(repeating: "a b ", count: 100_000)).count == SearchText.wordsMax)
    }

    @Test("C62: a telephone number is found by its ends, another address by its words")
    func C62_addresses() {
        let ends = SearchText.words(ofAddress: "+5511987654321", isNumber: true)
        #expect(
            ends.first == "5511987654321" && ends.contains("11987654321") && ends.contains("987654321") && ends.last == "4321")
        #expect(SearchText.words(ofAddress: "ana@example.com", isNumber: false) == ["ana", "example", "com"])
        #expect(SearchText.words(ofAddress: "4321", isNumber: true) == ["4321"])
    }

    @Test("C62: words, phrases and what must not be there; the last word may go on")
    func C62_queries() {
        let query = SearchQuery(#"Reembolso "nota fiscal" -"não quero" -cancelar e-mail ped"#)
        #expect(
            query.wanted == [
                .init(words: ["reembolso"]), .init(words: ["nota", "fiscal"]), .init(words: ["e", "mail"]),
                .init(words: ["ped"], isOpen: true),
            ])
        #expect(query.unwanted == [.init(words: ["nao", "quero"]), .init(words: ["cancelar"])])
        #expect(query.wordCount == 9 && query.unwantedWords == ["cancelar"])
        #expect(SearchQuery("ana ").wanted == [.init(words: ["ana"])])
        #expect(SearchQuery("a").wanted == [.init(words: ["a"])], "one letter is no beginning")
        #expect(SearchQuery("- ! \"\"").wanted.isEmpty)
        #expect(SearchQuery("+55 (11) 98765-4321").wanted == [.init(words: ["5511987654321"], isOpen: true)])
        #expect(SearchedWord.each([.init(words: ["ana"], isOpen: true), .init(words: ["ana"])]) == [.init(text: "ana")])
    }

    @Test("C62: a beginning's range holds what begins so, and nothing else; a whole word's holds the word alone")
    func C62_ranges() {
        let (open, whole) = (SearchedWord(text: "ped", isOpen: true), SearchedWord(text: "ped"))
        func holds(_ word: String, _ range: SearchedWord) -> Bool {
            !word.utf8.lexicographicallyPrecedes(range.low.utf8) && word.utf8.lexicographicallyPrecedes(range.high.utf8)
        }
        for word in ["ped", "pedido", "ped\u{FFFD}", "ped1"] { #expect(holds(word, open)) }
        for word in ["pe", "pee", "pd"] { #expect(!holds(word, open)) }
        #expect(holds("ped", whole) && !holds("ped0", whole) && !holds("pe", whole))
    }

    @Test("C62: an excerpt is a line around the first match, and the highlights are where the matches stand in it")
    func C62_excerpts() throws {
        let text =
            "👋 Olá!\nO meu " + String(repeating: "muito longo ", count: 30) + "pedido não chegou 😢 e o Pedido nº 7 também não"
        let excerpt = Excerpt(of: text, for: SearchQuery("pedido"))
        let scalars = Array(excerpt.text.unicodeScalars)
        #expect(scalars.count <= Excerpt.lengthMax && excerpt.text.hasPrefix("…") && !excerpt.text.contains("\n"))
        #expect(excerpt.highlights.count == 2 && excerpt.flat.count == 4)
        for place in excerpt.highlights {
            var found = String.UnicodeScalarView()
            found.append(contentsOf: scalars[place])
            #expect(String(found).lowercased() == "pedido")
        }
        let short = Excerpt(of: "Olá\nmundo", for: SearchQuery("mundo"))
        #expect(short.text == "Olá mundo" && short.flat == [4, 9])
        let phrase = Excerpt(of: "nota errada, nota fiscal", for: SearchQuery("\"nota fiscal\""))
        #expect(phrase.flat == [13, 17, 18, 24], "a word of a phrase elsewhere is no match")
        #expect(Excerpt(of: "nothing", for: SearchQuery("else")).flat.isEmpty)
    }
}
