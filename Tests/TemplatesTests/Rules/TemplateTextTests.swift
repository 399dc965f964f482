import Testing

@testable import Templates

@Suite("Texts with variables")
struct TemplateTextTests {
    @Test(
        "a text is taken apart into literals and variables, and what is no variable stays as it is",
        arguments: [
            ("", [], 0), ("Hi", [.literal("Hi")], 0), ("{{1}}", [.variable("1")], 0),
            ("Hi {{1}}!", [.literal("Hi "), .variable("1"), .literal("!")], 0),
            ("{{1}}{{2}}", [.variable("1"), .variable("2")], 0),
            (
                "{{first_name}} {{contact.attributes.size}}",
                [
                    .variable("first_name"), .literal(" "), .variable("contact.attributes.size"),
                ], 0
            ),
            ("{{}}", [.literal("{{}}")], 1), ("{{ 1 }}", [.literal("{{ 1 }}")], 1), ("{{1}", [.literal("{{1}")], 1),
            ("{1}", [.literal("{1}")], 0), ("}}", [.literal("}}")], 0), ("{{{1}}", [.literal("{{{1}}")], 1),
            ("{{a{{1}}", [.literal("{{a"), .variable("1")], 1), ("{{é}}", [.literal("{{é}}")], 1),
            ("ação {{1}} 👍", [.literal("ação "), .variable("1"), .literal(" 👍")], 0),
        ] as [(String, [TemplateText.Piece], Int)])
    func pieces(_ text: String, _ pieces: [TemplateText.Piece], _ malformed: Int) {
        let parsed = TemplateText(text)
        #expect(parsed.pieces == pieces)
        #expect(parsed.malformedCount == malformed)
    }

    @Test("whatever 64 KiB hold, each byte is looked at once, and filling them in ends at the bound")
    func worstCases() {
        let size = 64 << 10
        let units = [
            "{", "{{", "{{1}}", "{{a", "}}", "{{1}", "{{{{1}}", "{{\(String(repeating: "a", count: 64))", "a", "{{1}}{{2}}x",
            "é{{",
        ]
        for unit in units {
            let text = String(repeating: unit, count: size / unit.utf8.count)
            let parsed = TemplateText(text)
            #expect(parsed.steps <= text.utf8.count, "\(unit.prefix(10))")
            #expect(parsed.pieces.count <= text.utf8.count)
            var (asked, value) = (0, String(repeating: "v", count: 1_024))
            let expanded = parsed.expanded(lengthMax: 1_024) { _ in
                asked += 1
                return value
            }
            // One value is as long as all that may be written: the second one ends the work.
            #expect(asked <= 2, "\(unit.prefix(10))")
            #expect(expanded == nil)
            value = ""
        }
    }

    @Test("filling in puts each value where its variable stands, and counts characters")
    func expansion() {
        let text = TemplateText("{{a}} and {{b}}, {{a}}.")
        #expect(text.variables == ["a", "b"])
        #expect(text.expanded(lengthMax: 100) { ["a": "one", "b": "{{a}}"][$0] } == "one and {{a}}, one.")
        #expect(TemplateText("{{a}}").expanded(lengthMax: 2) { _ in "éé" } == "éé")
        #expect(TemplateText("{{a}}").expanded(lengthMax: 2) { _ in "ééé" } == nil)
    }
}
