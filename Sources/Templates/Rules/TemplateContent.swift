/// What people write into a template. The form in which it is kept is that of its Codable conformance.
struct TemplateContent: Sendable, Hashable, Codable {
    var variableFormat = VariableFormat.positional
    var header: Header?
    /// `nil` where the provider has its own, which only AUTHENTICATION allows.
    var body: Body?
    /// Empty: none.
    var footer = ""
    var buttons: [Button] = []

    struct Header: Sendable, Hashable, Codable {
        var format: HeaderFormat
        var text = ""
        var examples: [VariableExample] = []
        var mediaExample = ""
    }

    struct Body: Sendable, Hashable, Codable {
        var text: String
        var examples: [VariableExample] = []
    }

    struct Button: Sendable, Hashable, Codable {
        var kind: ButtonKind
        var text = ""
        var url = ""
        var urlExample = ""
        var phoneNumber = ""
        var codeExample = ""
        var flowReference = ""
    }
}

struct VariableExample: Sendable, Hashable, Codable {
    var variable: String
    var text: String
}

enum TemplateCategory: String, Sendable, Hashable, Codable, CaseIterable {
    case marketing, utility, authentication
}

enum VariableFormat: String, Sendable, Hashable, Codable, CaseIterable {
    case positional, named
}

enum HeaderFormat: String, Sendable, Hashable, Codable, CaseIterable {
    case text, image, video, document, location

    var isMedia: Bool { [.image, .video, .document].contains(self) }
}

enum ButtonKind: String, Sendable, Hashable, Codable, CaseIterable {
    case quickReply = "quick_reply"
    case url
    case phoneNumber = "phone_number"
    case copyCode = "copy_code"
    case otp, flow
}

/// A part of a template, as problems name it.
enum TemplatePlace: Sendable, Hashable {
    /// The template itself: its name, language or category.
    case whole
    case header, body, footer
    case button(Int)

    /// As field paths write it.
    var path: String {
        switch self {
        case .whole: ""
        case .header: "header"
        case .body: "body"
        case .footer: "footer"
        case .button(let index): "buttons[\(index)]"
        }
    }
}

/// Something wrong with a template, or with the values for one.
struct TemplateProblem: Sendable, Hashable {
    /// The field of the request.
    var field: String
    var place: TemplatePlace
    /// The variable as it is written there; empty: the part itself.
    var variable = ""
    var reason: Reason
    var description: String

    enum Reason: String, Sendable, Hashable, CaseIterable {
        case required = "REQUIRED"
        case malformed = "MALFORMED"
        case length = "LENGTH"
        case count = "COUNT"
        case unexpected = "UNEXPECTED"
        case repeated = "REPEATED"
        case variablesAdjacent = "VARIABLES_ADJACENT"
        case variableAlone = "VARIABLE_ALONE"
        case variableNotContiguous = "VARIABLE_NOT_CONTIGUOUS"
        case variableMalformed = "VARIABLE_MALFORMED"
        case variableForbidden = "VARIABLE_FORBIDDEN"
        case exampleMissing = "EXAMPLE_MISSING"
        case exampleUnknown = "EXAMPLE_UNKNOWN"
        case valueMissing = "VALUE_MISSING"
        case valueUnknown = "VALUE_UNKNOWN"
        case valueMalformed = "VALUE_MALFORMED"
    }
}
