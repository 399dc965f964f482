import FoundationEssentials

/// The values for one message.
struct TemplateValues: Sendable, Hashable {
    /// By the keys of `TemplateVariable`.
    var texts: [String: String] = [:]
    var media: Media?
    var location: Location?

    struct Media: Sendable, Hashable {
        enum Source: Sendable, Hashable {
            case attachment(UUID)
            case link(String)
        }

        var source: Source
        var fileName = ""
    }

    struct Location: Sendable, Hashable {
        var latitude: Double
        var longitude: Double
        var name: String
        var address: String
    }
}

/// A template with its values in it.
struct Rendered: Sendable, Hashable {
    var headerFormat: HeaderFormat?
    var headerText = ""
    var media: TemplateValues.Media?
    var location: TemplateValues.Location?
    var body = ""
    var footer = ""
    var buttons: [Button] = []
    var components: [Component] = []

    struct Button: Sendable, Hashable {
        var kind: ButtonKind
        var text: String
        /// The page, number, code or payload behind it.
        var target = ""
    }

    /// What the provider is given of one part.
    struct Component: Sendable, Hashable {
        var place: TemplatePlace
        /// Of a button, in the provider's words; empty elsewhere.
        var subType = ""
        var parameters: [Parameter]
    }

    struct Parameter: Sendable, Hashable {
        /// In the provider's words.
        var type: String
        var name = ""
        var text = ""
        var media: TemplateValues.Media?
        var location: TemplateValues.Location?
    }

    /// The whole message, its parts on lines of their own.
    var text: String { [headerText, body, footer].filter { !$0.isEmpty }.joined(separator: "\n") }
}

/// Why a template cannot be filled in with these values: all of it at once, each naming component and variable.
struct ValueProblems: Error, Hashable {
    var problems: [TemplateProblem]
}

/// Fills templates in. What is not right is refused before anything else happens with it (guarantee 14).
enum Rendering {
    static let valueLengthMax = 1_024
    static let payloadLengthMax = 256
    /// Longer blanks are refused by the provider.
    static let blanksMax = 4

    static func render(
        _ content: TemplateContent, _ category: TemplateCategory, _ values: TemplateValues
    ) throws(ValueProblems) -> Rendered {
        var renderer = Renderer(content: content, category: category, values: values)
        let rendered = renderer.render()
        guard renderer.problems.isEmpty else { throw ValueProblems(problems: renderer.problems) }
        return rendered
    }
}
