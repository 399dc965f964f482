import Testing

@testable import Templates

/// Every limit of CHANNELS.md 2.7, at its edge and beyond.
@Suite("What a provider takes of a template")
struct ContentRulesTests {
    typealias Reason = TemplateProblem.Reason

    static let good = TemplateContent(
        header: .init(format: .text, text: "Order {{1}}", examples: [.init(variable: "1", text: "A-1")]),
        body: .init(
            text: "Hi {{1}}, order {{2}} shipped.",
            examples: [.init(variable: "1", text: "Ana"), .init(variable: "2", text: "A-1")]),
        footer: "Example Store",
        buttons: [
            .init(kind: .quickReply, text: "Talk to us"),
            .init(kind: .url, text: "Track", url: "https://x.example/{{1}}", urlExample: "A-1"),
            .init(kind: .phoneNumber, text: "Call", phoneNumber: "+15550001111"),
        ])

    /// What is wrong after one change, as "field reason variable".
    private func wrong(
        _ category: TemplateCategory = .utility, _ change: (inout TemplateContent) -> Void
    ) -> [String] {
        var content = Self.good
        change(&content)
        return ContentRules.problems(in: content, category).map { problem in
            [problem.field, problem.reason.rawValue, problem.variable].filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    private func body(_ text: String, _ examples: [String] = [], format: VariableFormat = .positional) -> [String] {
        wrong { content in
            content.variableFormat = format
            content.header = nil
            content.body = .init(text: text, examples: examples.map { .init(variable: $0, text: "x") })
        }
    }

    @Test("the example of the page is right") func theExample() { #expect(wrong { _ in } == []) }

    @Test("names have 1 to 512 characters of a-z, 0-9 and _")
    func names() {
        for name in ["a", "order_update_2", String(repeating: "a", count: 512)] {
            #expect(ContentRules.nameProblem(name) == nil)
        }
        for name in ["", "Order", "order-update", "ação", "a b", String(repeating: "a", count: 513)] {
            #expect(ContentRules.nameProblem(name) != nil)
        }
    }

    @Test("a body has 1 to 1,024 characters, and only AUTHENTICATION goes without")
    func bodies() {
        #expect(wrong { $0.body = nil } == ["body REQUIRED"])
        #expect(wrong(.authentication) { $0.body = nil } == [])
        #expect(body("") == ["body.text REQUIRED"])
        #expect(body(String(repeating: "é", count: 1_024)) == [])
        #expect(body(String(repeating: "é", count: 1_025)) == ["body.text LENGTH"])
    }

    @Test("no two variables stand side by side, and none begins or ends a body")
    func places() {
        #expect(body("a {{1}} b {{2}} c", ["1", "2"]) == [])
        #expect(body("a {{1}}{{2}} c", ["1", "2"]) == ["body.text VARIABLES_ADJACENT 2"])
        #expect(body("a {{1}} \n {{2}} c", ["1", "2"]) == ["body.text VARIABLES_ADJACENT 2"])
        #expect(body("{{1}} c", ["1"]) == ["body.text VARIABLE_ALONE 1"])
        #expect(body(" c {{1}} ", ["1"]) == ["body.text VARIABLE_ALONE 1"])
        #expect(body("{{1}}", ["1"]) == ["body.text VARIABLE_ALONE 1"])
        #expect(body("c {{1}}.", ["1"]) == [])
    }

    @Test("positional variables are numbers from 1 without gaps; named ones are words; they do not mix")
    func spelling() {
        #expect(body("a {{2}} b", ["2"]) == ["body.text VARIABLE_NOT_CONTIGUOUS 2"])
        #expect(body("a {{2}} b {{1}} c", ["1", "2"]) == [])
        #expect(body("a {{1}} b {{3}} c", ["1", "3"]) == ["body.text VARIABLE_NOT_CONTIGUOUS 3"])
        #expect(body("a {{0}} b", ["0"]) == ["body.text VARIABLE_MALFORMED 0"])
        #expect(body("a {{01}} b", ["01"]).contains("body.text VARIABLE_MALFORMED 01"))
        #expect(body("a {{name}} b", ["name"]) == ["body.text VARIABLE_MALFORMED name"])
        #expect(body("a {{first_name}} b", ["first_name"], format: .named) == [])
        #expect(body("a {{1}} b", ["1"], format: .named) == ["body.text VARIABLE_MALFORMED 1"])
        #expect(body("a {{First}} b", ["First"], format: .named) == ["body.text VARIABLE_MALFORMED First"])
        #expect(body("a {{contact.name}} b", ["contact.name"], format: .named) == ["body.text VARIABLE_MALFORMED contact.name"])
        #expect(body("a {{ 1 }} b") == ["body.text VARIABLE_MALFORMED"])
    }

    @Test("every variable has one example, and nothing else has")
    func examples() {
        #expect(body("a {{1}} b") == ["body.examples EXAMPLE_MISSING 1"])
        #expect(body("a {{1}} b", ["1", "1"]) == ["body.examples[1].variable REPEATED 1"])
        #expect(body("a {{1}} b", ["1", "2"]) == ["body.examples[1].variable EXAMPLE_UNKNOWN 2"])
        #expect(
            wrong { $0.body = .init(text: "a {{1}} b", examples: [.init(variable: "1", text: "")]) }
                == ["body.examples[0].text REQUIRED"])
    }

    @Test("a header is one line of 60 characters with one variable, or media with an example, or a place")
    func headers() {
        func header(_ header: TemplateContent.Header) -> [String] { wrong { $0.header = header } }
        let (one, two) = (VariableExample(variable: "1", text: "x"), VariableExample(variable: "2", text: "x"))
        #expect(header(.init(format: .text)) == ["header.text REQUIRED"])
        #expect(header(.init(format: .text, text: String(repeating: "a", count: 60))) == [])
        #expect(header(.init(format: .text, text: String(repeating: "a", count: 61))) == ["header.text LENGTH"])
        #expect(header(.init(format: .text, text: "{{1}} a {{2}}", examples: [one, two])) == ["header.text COUNT 2"])
        #expect(header(.init(format: .text, text: "{{1}}", examples: [one])) == ["header.text VARIABLE_ALONE 1"])
        for format in [HeaderFormat.image, .video, .document] {
            #expect(header(.init(format: format)) == ["header.media_example REQUIRED"])
            #expect(header(.init(format: format, mediaExample: "4::aW")) == [])
            #expect(header(.init(format: format, text: "a", mediaExample: "4::aW")) == ["header.text UNEXPECTED"])
        }
        #expect(header(.init(format: .location)) == [])
        #expect(header(.init(format: .location, mediaExample: "x")) == ["header.media_example UNEXPECTED"])
    }

    @Test("a footer has at most 60 characters and no variables")
    func footers() {
        #expect(wrong { $0.footer = "" } == [])
        #expect(wrong { $0.footer = String(repeating: "a", count: 60) } == [])
        #expect(wrong { $0.footer = String(repeating: "a", count: 61) } == ["footer LENGTH"])
        #expect(wrong { $0.footer = "a {{1}}" } == ["footer VARIABLE_FORBIDDEN 1"])
    }

    private func buttons(_ buttons: [TemplateContent.Button], as category: TemplateCategory = .utility) -> [String] {
        wrong(category) { $0.buttons = buttons }
    }

    @Test("at most 10 buttons, 2 pages, 1 number; each 25 characters, no two alike")
    func buttonCounts() {
        func replies(_ count: Int) -> [TemplateContent.Button] { (0..<count).map { .init(kind: .quickReply, text: "b\($0)") } }
        func pages(_ count: Int) -> [TemplateContent.Button] {
            (0..<count).map { .init(kind: .url, text: "b\($0)", url: "https://x.example/") }
        }
        func numbers(_ count: Int) -> [TemplateContent.Button] {
            (0..<count).map { .init(kind: .phoneNumber, text: "b\($0)", phoneNumber: "+15550001111") }
        }
        #expect(buttons(replies(10)) == [] && buttons(replies(11)) == ["buttons COUNT"])
        #expect(buttons(pages(2)) == [] && buttons(pages(3)) == ["buttons COUNT"])
        #expect(buttons(numbers(1)) == [] && buttons(numbers(2)) == ["buttons COUNT"])
        #expect(buttons([.init(kind: .quickReply)]) == ["buttons[0].text REQUIRED"])
        #expect(buttons([.init(kind: .quickReply, text: String(repeating: "a", count: 25))]) == [])
        #expect(buttons([.init(kind: .quickReply, text: String(repeating: "a", count: 26))]) == ["buttons[0].text LENGTH"])
        #expect(
            buttons([.init(kind: .quickReply, text: "a"), .init(kind: .quickReply, text: "a")]) == ["buttons[1].text REPEATED"])
        #expect(buttons([.init(kind: .quickReply, text: "{{1}}")]) == ["buttons[0].text VARIABLE_FORBIDDEN 1"])
    }

    @Test("a page has 2,000 characters and one variable, at its end, with an example")
    func pages() {
        func page(_ url: String, _ example: String = "") -> [String] {
            buttons([.init(kind: .url, text: "a", url: url, urlExample: example)])
        }
        #expect(page("https://x.example/a") == [] && page("http://x.example") == [])
        #expect(page("") == ["buttons[0].url REQUIRED"])
        #expect(page("ftp://x.example") == ["buttons[0].url MALFORMED"])
        #expect(page("https://") == ["buttons[0].url MALFORMED"] && page("https://{{1}}", "x") == ["buttons[0].url MALFORMED"])
        #expect(page("https://x.example/a b") == ["buttons[0].url MALFORMED"])
        #expect(page("https://x.example/{{1}}", "A-1") == [])
        #expect(page("https://x.example/{{1}}") == ["buttons[0].url_example EXAMPLE_MISSING 1"])
        #expect(page("https://x.example/", "A-1") == ["buttons[0].url_example UNEXPECTED"])
        #expect(page("https://x.example/{{1}}/a", "A-1") == ["buttons[0].url VARIABLE_FORBIDDEN 1"])
        #expect(page("https://x.example/{{1}}{{1}}", "A-1") == ["buttons[0].url COUNT"])
        #expect(page("https://x.example/{{id}}", "A-1") == ["buttons[0].url VARIABLE_MALFORMED id"])
        let long = "https://x.example/"
        #expect(page(long + String(repeating: "a", count: 2_000 - long.count)) == [])
        #expect(page(long + String(repeating: "a", count: 2_001 - long.count)) == ["buttons[0].url LENGTH"])
    }

    @Test("numbers, codes and forms have what they need; nothing has what is another's")
    func otherButtons() {
        for number in ["+1555000", "+123456789012345"] {
            #expect(buttons([.init(kind: .phoneNumber, text: "a", phoneNumber: number)]) == [])
        }
        for number in ["", "15550001111", "+155500", "+1234567890123456", "+1555x001111"] {
            #expect(
                buttons([.init(kind: .phoneNumber, text: "a", phoneNumber: number)]) == ["buttons[0].phone_number MALFORMED"])
        }
        #expect(buttons([.init(kind: .copyCode, codeExample: "SAVE20")]) == [])
        #expect(buttons([.init(kind: .copyCode)]) == ["buttons[0].code_example REQUIRED"])
        #expect(
            buttons([.init(kind: .copyCode, codeExample: String(repeating: "a", count: 16))]) == [
                "buttons[0].code_example LENGTH"
            ])
        #expect(buttons([.init(kind: .flow, text: "a")]) == ["buttons[0].flow_reference REQUIRED"])
        #expect(buttons([.init(kind: .flow, text: "a", flowReference: "f")]) == [])
        #expect(buttons([.init(kind: .otp, text: "a")]) == ["buttons[0].kind UNEXPECTED"])
        #expect(buttons([.init(kind: .otp, text: "a")], as: .authentication) == [])
        #expect(buttons([.init(kind: .quickReply, text: "a", url: "https://x.example")]) == ["buttons[0].url UNEXPECTED"])
    }

    @Test("everything wrong is told at once, each with its component")
    func allAtOnce() {
        let wrong = wrong { content in
            content.header?.text = String(repeating: "a", count: 61)
            content.body?.text = "{{1}}{{3}}"
            content.footer = "{{1}}"
            content.buttons[1].url = "x"
        }
        let components = Set(wrong.map { $0.split(separator: ".")[0].split(separator: "[")[0].split(separator: " ")[0] })
        #expect(components == ["header", "body", "footer", "buttons"])
    }
}
