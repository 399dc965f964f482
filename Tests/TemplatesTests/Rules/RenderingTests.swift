import FoundationEssentials
import Testing

@testable import Templates

@Suite("Filling templates in")
struct RenderingTests {
    private let content = ContentRulesTests.good
    private let values: [String: String] = ["header.1": "A-1", "1": "Ana", "2": "B-2", "button.1": "t9"]

    private func render(
        _ content: TemplateContent, _ texts: [String: String], as category: TemplateCategory = .utility,
        media: TemplateValues.Media? = nil, location: TemplateValues.Location? = nil
    ) throws(ValueProblems) -> Rendered {
        try Rendering.render(content, category, TemplateValues(texts: texts, media: media, location: location))
    }

    /// The problems, as "field reason".
    private func problems(
        _ content: TemplateContent, _ texts: [String: String], as category: TemplateCategory = .utility,
        media: TemplateValues.Media? = nil, location: TemplateValues.Location? = nil
    ) -> [String] {
        do {
            _ = try render(content, texts, as: category, media: media, location: location)
            return []
        } catch {
            return error.problems.map { "\($0.field) \($0.reason.rawValue)" }
        }
    }

    @Test("the example of the page, as the customer sees it and as the provider takes it")
    func example() throws {
        let rendered = try render(content, values)
        #expect(rendered.text == "Order A-1\nHi Ana, order B-2 shipped.\nExample Store")
        #expect(rendered.buttons.map(\.target) == ["Talk to us", "https://x.example/t9", "+15550001111"])
        #expect(
            rendered.components == [
                .init(place: .header, parameters: [.init(type: "text", text: "A-1")]),
                .init(place: .body, parameters: [.init(type: "text", text: "Ana"), .init(type: "text", text: "B-2")]),
                .init(place: .button(1), subType: "url", parameters: [.init(type: "text", text: "t9")]),
            ])
        let reply = try render(content, values.merging(["button.0": "talk"]) { $1 })
        #expect(
            reply.components.contains(
                .init(place: .button(0), subType: "quick_reply", parameters: [.init(type: "payload", text: "talk")])))
    }

    @Test("C29: each value that is missing, left over or not allowed is named with component and variable, all at once")
    func C29_problems() {
        #expect(
            problems(content, [:]) == [
                "variables[header.1] VALUE_MISSING", "variables[1] VALUE_MISSING", "variables[2] VALUE_MISSING",
                "variables[button.1] VALUE_MISSING",
            ])
        #expect(
            problems(content, values.merging(["3": "x", "button.2": "y"]) { $1 }) == [
                "variables[3] VALUE_UNKNOWN", "variables[button.2] VALUE_UNKNOWN",
            ])
        for wrong in ["", "a\nb", "a\tb", "a     b", String(repeating: "a", count: 1_025), "a\u{2028}b"] {
            #expect(problems(content, values.merging(["1": wrong]) { $1 }).contains("variables[1] VALUE_MALFORMED"))
        }
        #expect(problems(content, values.merging(["button.1": "a b"]) { $1 }) == ["variables[button.1] VALUE_MALFORMED"])
        do {
            _ = try render(content, [:])
        } catch {
            #expect(error.problems.map(\.place) == [.header, .body, .body, .button(1)])
            #expect(error.problems.map(\.variable) == ["1", "1", "2", "1"])
            #expect(error.problems[1].description == "body variable 1 has no value")
        }
    }

    @Test("filled in, header, body and address keep to the provider's lengths")
    func lengths() {
        let long = String(repeating: "a", count: 1_024)
        #expect(problems(content, values.merging(["2": long]) { $1 }) == ["variables[1] LENGTH"])
        #expect(
            problems(content, values.merging(["header.1": String(repeating: "a", count: 55)]) { $1 }) == [
                "variables[header.1] LENGTH"
            ])
        #expect(problems(content, values.merging(["header.1": String(repeating: "a", count: 54)]) { $1 }) == [])
        var page = content
        page.buttons = [.init(kind: .url, text: "a", url: "https://x.example/" + String(repeating: "p", count: 1_500) + "{{1}}")]
        #expect(
            problems(page, ["header.1": "a", "1": "a", "2": "b", "button.0": String(repeating: "a", count: 600)]) == [
                "variables[button.0] LENGTH"
            ])
    }

    @Test("named variables have their names, in the order of the text; positional ones in that of their numbers")
    func named() throws {
        let named = TemplateContent(
            variableFormat: .named, header: .init(format: .text, text: "Order {{order_id}}"),
            body: .init(text: "Hi {{first_name}}, {{order_id}} and {{first_name}}."))
        let rendered = try render(named, ["header.order_id": "H", "first_name": "Ana", "order_id": "B"])
        #expect(rendered.text == "Order H\nHi Ana, B and Ana.")
        #expect(
            rendered.components[1].parameters == [
                .init(type: "text", name: "first_name", text: "Ana"), .init(type: "text", name: "order_id", text: "B"),
            ])
        let swapped = TemplateContent(body: .init(text: "a {{2}} b {{1}} c"))
        #expect(try render(swapped, ["1": "one", "2": "two"]).components[0].parameters.map(\.text) == ["one", "two"])
    }

    @Test("a header's media or place is there, is of its kind, and is nowhere else")
    func media() throws {
        let media = TemplateValues.Media(source: .link("https://x.example/a.png"))
        let file = TemplateValues.Media(source: .attachment(UUID()), fileName: "a.pdf")
        let place = TemplateValues.Location(latitude: 1, longitude: 2, name: "a", address: "b")
        func template(_ format: HeaderFormat) -> TemplateContent {
            TemplateContent(header: .init(format: format), body: .init(text: "a"))
        }
        for format in [HeaderFormat.image, .video, .document] {
            #expect(problems(template(format), [:]) == ["header_media VALUE_MISSING"])
            let rendered = try render(template(format), [:], media: media)
            #expect(rendered.components == [.init(place: .header, parameters: [.init(type: format.rawValue, media: media)])])
            #expect(problems(template(format), [:], media: media, location: place) == ["header_place VALUE_UNKNOWN"])
        }
        #expect(problems(template(.document), [:], media: file) == [])
        #expect(problems(template(.image), [:], media: file) == ["header_media.file_name VALUE_UNKNOWN"])
        #expect(problems(template(.location), [:]) == ["header_place VALUE_MISSING"])
        #expect(try render(template(.location), [:], location: place).components[0].parameters[0].location == place)
        #expect(problems(TemplateContent(body: .init(text: "a")), [:], media: media) == ["header_media VALUE_UNKNOWN"])
    }

    @Test("a code goes into the body and onto its button; a coupon is 15 characters")
    func codes() throws {
        let code = TemplateContent(buttons: [.init(kind: .otp, text: "Copy")])
        let rendered = try render(code, ["1": "123456"], as: .authentication)
        #expect(rendered.components.map(\.place) == [.body, .button(0)])
        #expect(rendered.components.allSatisfy { $0.parameters[0].text == "123456" } && rendered.components[1].subType == "url")
        #expect(problems(code, [:], as: .authentication).first == "variables[1] VALUE_MISSING")
        #expect(problems(code, ["1": String(repeating: "1", count: 16)], as: .authentication) == ["variables[1] VALUE_MALFORMED"])
        let coupon = TemplateContent(body: .init(text: "a"), buttons: [.init(kind: .copyCode, codeExample: "x")])
        #expect(try render(coupon, ["button.0": "SAVE"]).components[0].parameters == [.init(type: "coupon_code", text: "SAVE")])
        #expect(problems(coupon, [:]) == ["variables[button.0] VALUE_MISSING"])
    }

    @Test("a value is never taken for a variable")
    func noSecondPass() throws {
        let rendered = try render(content, values.merging(["1": "{{2}}"]) { $1 })
        #expect(rendered.body == "Hi {{2}}, order B-2 shipped.")
    }

    @Test("the variables of a template name all that has to be given")
    func variables() {
        #expect(content.variables(.utility).map(\.key) == ["header.1", "1", "2", "button.0", "button.1"])
        #expect(content.variables(.utility).filter(\.isOmittable).map(\.key) == ["button.0"])
        #expect(content.variables(.utility).map(\.example) == ["A-1", "Ana", "A-1", "Talk to us", "A-1"])
    }
}
