/// One rendering: what it has made so far, and what is wrong.
struct Renderer {
    let content: TemplateContent
    let category: TemplateCategory
    let values: TemplateValues
    private(set) var problems: [TemplateProblem] = []

    init(content: TemplateContent, category: TemplateCategory, values: TemplateValues) {
        self.content = content
        self.category = category
        self.values = values
    }

    mutating func render() -> Rendered {
        checkValues()
        var rendered = Rendered(footer: content.footer)
        renderHeader(&rendered)
        renderBody(&rendered)
        for (index, button) in content.buttons.enumerated() { renderButton(button, index, &rendered) }
        return rendered
    }

    // MARK: - Values

    /// Each variable has a value that can stand there, and there is no value without a variable.
    private mutating func checkValues() {
        let variables = content.variables(category).filter { !$0.key.isEmpty }
        for variable in variables {
            guard let value = values.texts[variable.key] else {
                if !variable.isOmittable { note(variable, .valueMissing, "has no value") }
                continue
            }
            if let problem = problem(value, of: variable) { note(variable, .valueMalformed, problem) }
        }
        for key in values.texts.keys.sorted() where !variables.contains(where: { $0.key == key }) {
            problems.append(
                TemplateProblem(
                    field: "variables[\(key)]", place: .whole, variable: key, reason: .valueUnknown,
                    description: "the template has no such variable"))
        }
    }

    private func problem(_ value: String, of variable: TemplateVariable) -> String? {
        if value.isEmpty { return "is empty" }
        let count = value.unicodeScalars.count
        let max = lengthMax(of: variable)
        if count > max { return "has \(count) characters, at most \(max) are allowed" }
        if value.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F || $0 == "\u{2028}" || $0 == "\u{2029}" }) {
            return "is not one line of text"
        }
        if value.contains(String(repeating: " ", count: Rendering.blanksMax + 1)) {
            return "has more than \(Rendering.blanksMax) blanks in a row"
        }
        if case .button(let index) = variable.place, content.buttons[index].kind == .url, value.contains(" ") {
            return "has blanks, which no address has"
        }
        return nil
    }

    private func lengthMax(of variable: TemplateVariable) -> Int {
        switch variable.place {
        case .body where category == .authentication && content.body == nil: return ContentRules.codeLengthMax
        case .button(let index):
            return switch content.buttons[index].kind {
            case .copyCode, .otp: ContentRules.codeLengthMax
            case .quickReply: Rendering.payloadLengthMax
            default: Rendering.valueLengthMax
            }
        default: return Rendering.valueLengthMax
        }
    }

    private mutating func note(_ variable: TemplateVariable, _ reason: TemplateProblem.Reason, _ description: String) {
        problems.append(
            TemplateProblem(
                field: "variables[\(variable.key)]", place: variable.place, variable: variable.variable, reason: reason,
                description:
                    "\(variable.place.words) variable \(variable.variable.isEmpty ? variable.key : variable.variable) \(description)"
            ))
    }

    private mutating func note(_ field: String, _ reason: TemplateProblem.Reason, _ description: String, at place: TemplatePlace)
    {
        problems.append(TemplateProblem(field: field, place: place, reason: reason, description: description))
    }

    // MARK: - Parts

    private mutating func renderHeader(_ rendered: inout Rendered) {
        let format = content.header?.format
        rendered.headerFormat = format
        checkMedia(format)
        switch format {
        case .text:
            let text = TemplateText(content.header?.text ?? "")
            rendered.headerText = expand(text, .header, ContentRules.headerLengthMax) { TemplateVariable.headerKey($0) }
            add(text, at: .header, to: &rendered) { TemplateVariable.headerKey($0) }
        case .image, .video, .document:
            rendered.media = values.media
            let parameter = Rendered.Parameter(type: format?.rawValue ?? "", media: values.media)
            rendered.components.append(Rendered.Component(place: .header, parameters: [parameter]))
        case .location:
            rendered.location = values.location
            let parameter = Rendered.Parameter(type: HeaderFormat.location.rawValue, location: values.location)
            rendered.components.append(Rendered.Component(place: .header, parameters: [parameter]))
        case nil: break
        }
    }

    private mutating func checkMedia(_ format: HeaderFormat?) {
        let wantsMedia = format?.isMedia ?? false
        if wantsMedia, values.media == nil {
            note("header_media", .valueMissing, "the header has no \(format?.rawValue ?? "media")", at: .header)
        }
        if !wantsMedia, values.media != nil { note("header_media", .valueUnknown, "the header has no media", at: .header) }
        if let media = values.media, !media.fileName.isEmpty, format != .document {
            note("header_media.file_name", .valueUnknown, "only a document has a file name", at: .header)
        }
        if format == .location, values.location == nil {
            note("header_place", .valueMissing, "the header has no place", at: .header)
        }
        if format != .location, values.location != nil {
            note("header_place", .valueUnknown, "the header is no place", at: .header)
        }
    }

    private mutating func renderBody(_ rendered: inout Rendered) {
        // The provider's own words for a code are not known here; the code is.
        let text = TemplateText(content.body?.text ?? (category == .authentication ? "{{\(ContentRules.codeVariable)}}" : ""))
        rendered.body = expand(text, .body, ContentRules.bodyLengthMax) { $0 }
        add(text, at: .body, to: &rendered) { $0 }
    }

    private mutating func expand(_ text: TemplateText, _ place: TemplatePlace, _ max: Int, _ key: (String) -> String) -> String {
        if let expanded = text.expanded(lengthMax: max, { values.texts[key($0)] }) { return expanded }
        note(
            text.variables.first.map { "variables[\(key($0))]" } ?? place.path, .length,
            "\(place.words): filled in, it is longer than \(max) characters", at: place)
        return ""
    }

    /// The parameters of a text, in the order of positions or, where they are named, of the text.
    private func add(_ text: TemplateText, at place: TemplatePlace, to rendered: inout Rendered, _ key: (String) -> String) {
        let isNamed = content.variableFormat == .named && content.body != nil
        let names = isNamed ? text.variables : text.variables.sorted { (Int($0) ?? 0, $0) < (Int($1) ?? 0, $1) }
        guard !names.isEmpty else { return }
        let parameters = names.map { name in
            Rendered.Parameter(type: "text", name: isNamed ? name : "", text: values.texts[key(name)] ?? "")
        }
        rendered.components.append(Rendered.Component(place: place, parameters: parameters))
    }

    private mutating func renderButton(_ button: TemplateContent.Button, _ index: Int, _ rendered: inout Rendered) {
        let value = values.texts[TemplateVariable.buttonKey(index)]
        var (made, subType, type) = (Rendered.Button(kind: button.kind, text: button.text), "", "text")
        var parameter = value
        switch button.kind {
        case .quickReply: (made.target, subType, type) = (value ?? button.text, "quick_reply", "payload")
        case .url:
            made.target = page(button, index, value)
            subType = "url"
        case .phoneNumber: made.target = button.phoneNumber
        case .copyCode: (made.target, subType, type) = (value ?? "", "copy_code", "coupon_code")
        case .otp:
            parameter = value ?? values.texts[ContentRules.codeVariable]
            (made.target, subType) = (parameter ?? "", "url")
            if parameter == nil {
                note(
                    "variables[\(TemplateVariable.buttonKey(index))]", .valueMissing, "the button has no code", at: .button(index)
                )
            }
        case .flow: made.target = button.flowReference
        }
        rendered.buttons.append(made)
        if let parameter, !subType.isEmpty {
            rendered.components.append(
                Rendered.Component(
                    place: .button(index), subType: subType, parameters: [Rendered.Parameter(type: type, text: parameter)]))
        }
    }

    private mutating func page(_ button: TemplateContent.Button, _ index: Int, _ value: String?) -> String {
        if let page = TemplateText(button.url).expanded(lengthMax: ButtonRules.urlLengthMax, { _ in value }) { return page }
        note(
            "variables[\(TemplateVariable.buttonKey(index))]", .length,
            "filled in, the address is longer than \(ButtonRules.urlLengthMax) characters", at: .button(index))
        return ""
    }
}

extension TemplatePlace {
    /// In messages for developers.
    var words: String {
        switch self {
        case .whole: "the template"
        case .header, .body, .footer: path
        case .button(let index): "button \(index)"
        }
    }
}
