/// The provider's limits on a template (CHANNELS.md 2.7), and what follows from them. Everything wrong is told at once.
enum ContentRules {
    static let nameLengthMax = 512
    static let headerLengthMax = 60
    static let bodyLengthMax = 1_024
    static let footerLengthMax = 60
    static let mediaExampleLengthMax = 2_000
    static let exampleLengthMax = 1_024
    static let examplesMax = 100
    /// The provider's own body of AUTHENTICATION has the code as this variable.
    static let codeVariable = "1"
    static let codeLengthMax = 15

    static func problems(in content: TemplateContent, _ category: TemplateCategory) -> [TemplateProblem] {
        var problems: [TemplateProblem] = []
        if let header = content.header { problems += self.problems(in: header, content.variableFormat) }
        problems += bodyProblems(content, category)
        problems += footerProblems(content.footer)
        return problems + ButtonRules.problems(in: content.buttons, category)
    }

    static func nameProblem(_ name: String) -> String? {
        if name.isEmpty { return "is required" }
        if name.unicodeScalars.count > nameLengthMax { return "has more than \(nameLengthMax) characters" }
        return name.utf8.allSatisfy { $0.isLowerOrDigit || $0 == UInt8(ascii: "_") } ? nil : "may hold a-z, 0-9 and _ only"
    }

    // MARK: - Parts

    private static func problems(in header: TemplateContent.Header, _ format: VariableFormat) -> [TemplateProblem] {
        var found = Findings(.header)
        switch header.format {
        case .text:
            found.text(header.text, "text", 1...headerLengthMax)
            let text = TemplateText(header.text)
            found.variables(of: text, "text", format, header.examples)
            if text.variables.count > 1 {
                found.add("text", .count, "has more than one variable", variable: text.variables[1])
            }
            if text.isOneVariable { found.add("text", .variableAlone, "is nothing but a variable", variable: text.variables[0]) }
            found.require(header.mediaExample.isEmpty, "media_example", .unexpected, "a line of text has none")
        case .image, .video, .document:
            found.text(header.mediaExample, "media_example", 1...mediaExampleLengthMax)
            found.noText(header)
        case .location:
            found.require(header.mediaExample.isEmpty, "media_example", .unexpected, "a place has none")
            found.noText(header)
        }
        return found.problems
    }

    private static func bodyProblems(_ content: TemplateContent, _ category: TemplateCategory) -> [TemplateProblem] {
        var found = Findings(.body)
        guard let body = content.body else {
            if category != .authentication { found.add("", .required, "is required") }
            return found.problems
        }
        found.text(body.text, "text", 1...bodyLengthMax)
        let text = TemplateText(body.text)
        found.variables(of: text, "text", content.variableFormat, body.examples)
        for (end, name) in [("begins", text.first), ("ends", text.last)] {
            if let name { found.add("text", .variableAlone, "\(end) with a variable", variable: name) }
        }
        for name in text.adjacent { found.add("text", .variablesAdjacent, "follows another variable at once", variable: name) }
        return found.problems
    }

    private static func footerProblems(_ footer: String) -> [TemplateProblem] {
        var found = Findings(.footer)
        found.text(footer, "", 0...footerLengthMax)
        found.noVariables(TemplateText(footer), "")
        return found.problems
    }
}

/// The problems of one part.
struct Findings {
    let place: TemplatePlace
    private(set) var problems: [TemplateProblem] = []

    init(_ place: TemplatePlace) {
        self.place = place
    }

    /// - Parameter field: of the part; empty: the part as a whole.
    mutating func add(_ field: String, _ reason: TemplateProblem.Reason, _ description: String, variable: String = "") {
        let path = [place.path, field].filter { !$0.isEmpty }.joined(separator: ".")
        problems.append(
            TemplateProblem(field: path, place: place, variable: variable, reason: reason, description: description))
    }

    mutating func require(
        _ condition: Bool, _ field: String, _ reason: TemplateProblem.Reason, _ description: String, variable: String = ""
    ) {
        if !condition { add(field, reason, description, variable: variable) }
    }

    mutating func text(_ text: String, _ field: String, _ length: ClosedRange<Int>) {
        let count = text.unicodeScalars.count
        if count == 0, length.lowerBound > 0 { return add(field, .required, "is required") }
        require(length.contains(count), field, .length, "has \(count) characters, at most \(length.upperBound) are allowed")
    }

    mutating func noText(_ header: TemplateContent.Header) {
        require(header.text.isEmpty, "text", .unexpected, "only a TEXT header has text")
        require(header.examples.isEmpty, "examples", .unexpected, "only a TEXT header has variables")
    }

    mutating func noVariables(_ text: TemplateText, _ field: String) {
        for name in text.variables { add(field, .variableForbidden, "has no variables", variable: name) }
        require(text.malformedCount == 0, field, .variableMalformed, "{{ opens no variable")
    }

    /// How the variables are written, and that each has its example.
    mutating func variables(
        of text: TemplateText, _ field: String, _ format: VariableFormat, _ examples: [VariableExample]
    ) {
        require(text.malformedCount == 0, field, .variableMalformed, "{{ opens no variable")
        let names = text.variables
        for name in names where !name.isVariable(format) {
            add(field, .variableMalformed, "is no \(format.rawValue) variable", variable: name)
        }
        if format == .positional {
            let numbers = Set(names.compactMap(Int.init))
            for number in numbers.sorted() where number > 1 && !numbers.contains(number - 1) {
                add(field, .variableNotContiguous, "comes without \(number - 1)", variable: "\(number)")
            }
        }
        self.examples(examples, of: names)
    }

    private mutating func examples(_ examples: [VariableExample], of names: [String]) {
        require(examples.count <= ContentRules.examplesMax, "examples", .count, "are more than \(ContentRules.examplesMax)")
        var given: Set<String> = []
        for (index, example) in examples.prefix(ContentRules.examplesMax).enumerated() {
            let field = "examples[\(index)]"
            if !names.contains(example.variable) {
                add("\(field).variable", .exampleUnknown, "the text has no such variable", variable: example.variable)
            } else if !given.insert(example.variable).inserted {
                add("\(field).variable", .repeated, "has an example already", variable: example.variable)
            }
            text(example.text, "\(field).text", 1...ContentRules.exampleLengthMax)
        }
        for name in names where !given.contains(name) {
            add("examples", .exampleMissing, "variable \(name) has no example", variable: name)
        }
    }
}

extension String {
    /// A positional variable is a number from 1 on, a named one a word; neither is taken for the other.
    func isVariable(_ format: VariableFormat) -> Bool {
        switch format {
        case .positional:
            utf8.count <= 3 && utf8.first != UInt8(ascii: "0") && utf8.allSatisfy { (0x30...0x39).contains($0) }
        case .named:
            utf8.first.map { (0x61...0x7A).contains($0) } == true
                && utf8.allSatisfy { $0.isLowerOrDigit || $0 == UInt8(ascii: "_") }
        }
    }
}

extension UInt8 {
    var isLowerOrDigit: Bool { (0x61...0x7A).contains(self) || (0x30...0x39).contains(self) }
}

extension TemplateText {
    fileprivate var isOneVariable: Bool { visible.count == 1 && visible.first?.variable != nil }
    fileprivate var first: String? { visible.first?.variable }
    /// The variable at the end, unless it is also the one at the beginning.
    fileprivate var last: String? { visible.count > 1 ? visible.last?.variable : nil }

    /// Variables with nothing but white space between them and the one before.
    fileprivate var adjacent: [String] {
        zip(visible, visible.dropFirst()).compactMap { before, after in before.variable == nil ? nil : after.variable }
    }

    /// The pieces that can be seen.
    private var visible: [Piece] {
        pieces.filter { piece in
            guard case .literal(let text) = piece else { return true }
            return !text.allSatisfy(\.isWhitespace)
        }
    }
}

extension TemplateText.Piece {
    fileprivate var variable: String? {
        guard case .variable(let name) = self else { return nil }
        return name
    }
}
