/// Something that has to be given to send a template.
struct TemplateVariable: Sendable, Hashable {
    /// What names its value in a request; empty for a header's media or place.
    var key: String
    var place: TemplatePlace
    /// As it is written in the component; empty where it is not written.
    var variable = ""
    var example = ""
    var isOmittable = false
    var headerFormat: HeaderFormat?
}

extension TemplateVariable {
    static func headerKey(_ variable: String) -> String { "header.\(variable)" }
    static func buttonKey(_ index: Int) -> String { "button.\(index)" }
}

extension TemplateContent {
    /// All that has to be given, in the order in which it stands in the message.
    func variables(_ category: TemplateCategory) -> [TemplateVariable] {
        headerVariables + bodyVariables(category)
            + buttons.enumerated().compactMap { index, button in variable(of: button, index) }
    }

    private var headerVariables: [TemplateVariable] {
        guard let header else { return [] }
        guard header.format == .text else {
            return [TemplateVariable(key: "", place: .header, example: header.mediaExample, headerFormat: header.format)]
        }
        return TemplateText(header.text).variables.map { name in
            TemplateVariable(
                key: TemplateVariable.headerKey(name), place: .header, variable: name, example: header.examples.text(of: name),
                headerFormat: .text)
        }
    }

    /// Those of the body, the provider's own one included.
    func bodyVariables(_ category: TemplateCategory) -> [TemplateVariable] {
        guard let body else {
            guard category == .authentication else { return [] }
            let code = ContentRules.codeVariable
            return [TemplateVariable(key: code, place: .body, variable: code, example: "123456")]
        }
        return TemplateText(body.text).variables.map { name in
            TemplateVariable(key: name, place: .body, variable: name, example: body.examples.text(of: name))
        }
    }

    private func variable(of button: Button, _ index: Int) -> TemplateVariable? {
        func variable(_ example: String, named name: String = "", isOmittable: Bool = false) -> TemplateVariable {
            TemplateVariable(
                key: TemplateVariable.buttonKey(index), place: .button(index), variable: name, example: example,
                isOmittable: isOmittable)
        }
        switch button.kind {
        case .quickReply: return variable(button.text, isOmittable: true)
        case .url:
            guard let name = TemplateText(button.url).variables.first else { return nil }
            return variable(button.urlExample, named: name)
        case .copyCode: return variable(button.codeExample)
        // The code of the body, unless another one is given.
        case .otp: return variable("123456", isOmittable: true)
        case .phoneNumber, .flow: return nil
        }
    }
}

extension [VariableExample] {
    fileprivate func text(of variable: String) -> String { first { $0.variable == variable }?.text ?? "" }
}
