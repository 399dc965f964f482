/// The provider's limits on a template's buttons (CHANNELS.md 2.7).
enum ButtonRules {
    static let countMax = 10
    static let urlCountMax = 2
    static let phoneNumberCountMax = 1
    static let textLengthMax = 25
    static let urlLengthMax = 2_000
    static let flowReferenceLengthMax = 100
    /// The one variable a page's address may have, at its end.
    static let urlVariable = "1"

    static func problems(in buttons: [TemplateContent.Button], _ category: TemplateCategory) -> [TemplateProblem] {
        var problems: [TemplateProblem] = []
        func limit(_ kind: ButtonKind?, _ max: Int) {
            let count = buttons.filter { kind == nil || $0.kind == kind }.count
            guard count > max else { return }
            problems.append(
                TemplateProblem(
                    field: "buttons", place: .whole, reason: .count,
                    description: "\(count) \(kind?.rawValue ?? "buttons"), at most \(max) are allowed"))
        }
        limit(nil, countMax)
        limit(.url, urlCountMax)
        limit(.phoneNumber, phoneNumberCountMax)
        var texts: Set<String> = []
        for (index, button) in buttons.prefix(countMax).enumerated() {
            var found = Findings(.button(index))
            found.check(button, category)
            if !button.text.isEmpty {
                found.require(texts.insert(button.text).inserted, "text", .repeated, "another button has the same text")
            }
            problems += found.problems
        }
        return problems
    }
}

extension Findings {
    fileprivate mutating func check(_ button: TemplateContent.Button, _ category: TemplateCategory) {
        text(button.text, "text", (button.kind == .copyCode ? 0 : 1)...ButtonRules.textLengthMax)
        noVariables(TemplateText(button.text), "text")
        switch button.kind {
        case .quickReply: break
        case .url: page(button)
        case .phoneNumber:
            require(button.phoneNumber.isPhoneNumber, "phone_number", .malformed, "must be + and 7 to 15 digits")
        case .copyCode: text(button.codeExample, "code_example", 1...ContentRules.codeLengthMax)
        case .otp:
            require(category == .authentication, "kind", .unexpected, "OTP is for the category AUTHENTICATION")
        case .flow: text(button.flowReference, "flow_reference", 1...ButtonRules.flowReferenceLengthMax)
        }
        for (field, value, kind) in button.special where button.kind != kind {
            require(value.isEmpty, field, .unexpected, "is for another kind of button")
        }
    }

    private mutating func page(_ button: TemplateContent.Button) {
        text(button.url, "url", 1...ButtonRules.urlLengthMax)
        let text = TemplateText(button.url)
        require(text.malformedCount == 0, "url", .variableMalformed, "{{ opens no variable")
        if !button.url.isEmpty {
            require(button.url.isWebAddress, "url", .malformed, "must begin with https:// or http://, without blanks")
        }
        var count = 0
        for case .variable(let name) in text.pieces {
            count += 1
            require(name == ButtonRules.urlVariable, "url", .variableMalformed, "the variable is {{1}}", variable: name)
        }
        require(count <= 1, "url", .count, "has more than one variable")
        if count > 0, case .literal? = text.pieces.last {
            add("url", .variableForbidden, "the variable stands at the end", variable: ButtonRules.urlVariable)
        }
        if count == 0 {
            require(button.urlExample.isEmpty, "url_example", .unexpected, "the address has no variable")
        } else {
            require(
                !button.urlExample.isEmpty, "url_example", .exampleMissing, "the variable has no example",
                variable: ButtonRules.urlVariable)
            self.text(button.urlExample, "url_example", 0...ButtonRules.urlLengthMax)
        }
    }
}

extension TemplateContent.Button {
    /// What only one kind of button has.
    fileprivate var special: [(field: String, value: String, kind: ButtonKind)] {
        [
            ("url", url, .url), ("url_example", urlExample, .url), ("phone_number", phoneNumber, .phoneNumber),
            ("code_example", codeExample, .copyCode), ("flow_reference", flowReference, .flow),
        ]
    }
}

extension String {
    fileprivate var isPhoneNumber: Bool {
        utf8.first == UInt8(ascii: "+") && (8...16).contains(utf8.count)
            && utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
    }

    /// What a provider or a browser can open: no blanks, no control characters.
    var isWebAddress: Bool {
        let rest =
            hasPrefix("https://") ? dropFirst("https://".count) : hasPrefix("http://") ? dropFirst("http://".count) : ""
        return !rest.isEmpty && !rest.hasPrefix("/") && !rest.hasPrefix("{")
            && unicodeScalars.allSatisfy { $0.value > 0x20 && $0.value != 0x7F }
    }
}
