/// What the contracts say, as values: read once at start from the descriptor sets embedded in the generated code.
/// Routes, query parameters and OpenAPI are all derived from it.
struct Schema: Sendable {
    /// By full name, such as `switchboard.contacts.v1.Contact`.
    var messages: [String: MessageSchema] = [:]
    var enums: [String: EnumSchema] = [:]
    var services: [ServiceSchema] = []

    init() {}

    subscript(message name: String) -> MessageSchema {
        guard let message = messages[name] else { preconditionFailure("no message \(name) in the descriptor sets") }
        return message
    }
}

struct MessageSchema: Sendable {
    var name: String
    var comment: String
    var fields: [FieldSchema]
    var isMapEntry: Bool

    /// Finds a field by its name in the contract or in JSON.
    func field(named name: String) -> FieldSchema? {
        fields.first { $0.name == name || $0.jsonName == name }
    }
}

struct FieldSchema: Sendable {
    var name: String
    var jsonName: String
    var number: Int32
    var kind: Kind
    var isRepeated: Bool
    var comment: String
    var behaviors: Set<Behavior>
    var oneof: String?

    enum Kind: Sendable, Hashable {
        case bool, int32, uint32, int64, uint64, float, double, string, bytes
        case message(String)
        case enumeration(String)
    }

    /// google.api.field_behavior.
    enum Behavior: Int32, Sendable {
        case optional = 1
        case required = 2
        case outputOnly = 3
        case inputOnly = 4
        case immutable = 5
    }
}

struct EnumSchema: Sendable {
    var name: String
    var comment: String
    var values: [Value]

    struct Value: Sendable {
        var name: String
        var number: Int32
        var comment: String
    }
}

struct ServiceSchema: Sendable {
    var name: String
    var comment: String
    var methods: [MethodSchema]
}

struct MethodSchema: Sendable {
    var name: String
    var service: String
    var comment: String
    var input: String
    var output: String
    var clientStreams: Bool
    var serverStreams: Bool
    var bindings: [Binding]
    /// switchboard.access.v1: the method checks its caller itself.
    var isOpen = false

    /// One rule of google.api.http.
    struct Binding: Sendable, Hashable {
        var httpMethod: String
        var path: String
        /// "" = no body, "*" = every field not in the path, else one field.
        var body: String
        /// "" = the whole answer, else one field.
        var responseBody: String
    }

    var operationID: String { "\(service.split(separator: ".").last ?? "")_\(name)" }
}

/// Messages of google.protobuf whose JSON is no object of their fields (API.md 7).
enum WellKnownType: String, Sendable {
    case timestamp = "google.protobuf.Timestamp"
    case duration = "google.protobuf.Duration"
    case fieldMask = "google.protobuf.FieldMask"
    case structure = "google.protobuf.Struct"
    case value = "google.protobuf.Value"
    case listValue = "google.protobuf.ListValue"
    case any = "google.protobuf.Any"
    case doubleValue = "google.protobuf.DoubleValue"
    case floatValue = "google.protobuf.FloatValue"
    case int64Value = "google.protobuf.Int64Value"
    case uint64Value = "google.protobuf.UInt64Value"
    case int32Value = "google.protobuf.Int32Value"
    case uint32Value = "google.protobuf.UInt32Value"
    case boolValue = "google.protobuf.BoolValue"
    case stringValue = "google.protobuf.StringValue"
    case bytesValue = "google.protobuf.BytesValue"

    /// The kind inside a wrapper.
    var wrapped: FieldSchema.Kind? {
        switch self {
        case .doubleValue: .double
        case .floatValue: .float
        case .int64Value: .int64
        case .uint64Value: .uint64
        case .int32Value: .int32
        case .uint32Value: .uint32
        case .boolValue: .bool
        case .stringValue: .string
        case .bytesValue: .bytes
        case .timestamp, .duration, .fieldMask, .structure, .value, .listValue, .any: nil
        }
    }
}
