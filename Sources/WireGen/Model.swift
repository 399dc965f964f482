/// What the emitters know of a contract: the descriptors, resolved and named.
struct Contract {
    /// The proto package, for example `switchboard.contacts.v1`.
    let package: String
    /// The Swift module, for example `ContactsV1`.
    let module: String
    var files: [ContractFile] = []

    var messages: [MessageModel] { files.flatMap(\.messages) }
    /// Messages with those nested in them, map entries included.
    var allMessages: [MessageModel] { messages.flatMap(\.withNested) }
    var services: [ServiceModel] { files.flatMap(\.services) }
}

struct ContractFile {
    /// For example `switchboard/contacts/v1/contacts.proto`.
    let path: String
    /// The path's last part without its ending.
    let stem: String
    var messages: [MessageModel] = []
    var enums: [EnumModel] = []
    var services: [ServiceModel] = []
}

final class MessageModel {
    let fullName: String
    /// In Swift, with the types around it: `Conversation.Participant`.
    let swiftPath: String
    let module: String
    let comment: String
    let isMapEntry: Bool
    var fields: [FieldModel] = []
    var oneofs: [OneofModel] = []
    var nested: [MessageModel] = []
    var enums: [EnumModel] = []

    init(fullName: String, swiftPath: String, module: String, comment: String, isMapEntry: Bool) {
        self.fullName = fullName
        self.swiftPath = swiftPath
        self.module = module
        self.comment = comment
        self.isMapEntry = isMapEntry
    }

    var withNested: [MessageModel] { [self] + nested.flatMap(\.withNested) }
    var swiftName: String { String(swiftPath.split(separator: ".").last!) }
    /// As other code names it, whatever is declared around that code.
    var reference: String { "\(module).\(swiftPath)" }
    var cName: String { CNames.type(fullName) }
}

struct EnumModel {
    let fullName: String
    let swiftPath: String
    let module: String
    let comment: String
    var cases: [EnumCase] = []

    var swiftName: String { String(swiftPath.split(separator: ".").last!) }
    var reference: String { "\(module).\(swiftPath)" }
    /// One per number, the first name of each.
    var distinct: [EnumCase] { cases.filter { !$0.isAlias } }
}

struct EnumCase {
    let protoName: String
    let swiftName: String
    let number: Int32
    let isAlias: Bool
    let comment: String
}

struct OneofModel {
    let protoName: String
    let swiftName: String
    let typeName: String
    let comment: String
    var members: [FieldModel] = []

    var selfName: String { "self.\(memberName(swiftName))" }
}

enum ScalarType: String {
    case int32, int64, uint32, uint64, sint32, sint64, fixed32, fixed64, sfixed32, sfixed64, float, double, bool, string, bytes
}

enum FieldType {
    case scalar(ScalarType)
    case enumeration(EnumModel)
    case message(MessageModel)
}

enum Cardinality {
    /// Without presence.
    case singular
    /// Presence of a scalar (proto2).
    case optional
    case repeated
    /// The entry's message.
    case map(MessageModel)
    case oneof(Int)
}

struct FieldModel {
    let protoName: String
    let jsonName: String
    let swiftName: String
    let number: Int32
    let type: FieldType
    let cardinality: Cardinality
    let comment: String
    let isDeprecated: Bool
    /// Holds, at some depth, a message like the one it stands in, so that it lies behind a reference.
    var isBoxed = false

    var cName: String { CNames.field(protoName) }
}

struct ServiceModel {
    let fullName: String
    let name: String
    let comment: String
    var methods: [MethodModel] = []
}

struct MethodModel {
    let name: String
    let swiftName: String
    let request: MessageModel
    let response: MessageModel
    let clientStreams: Bool
    let serverStreams: Bool
    /// The case of GRPC's `Idempotency`.
    let idempotency: String
    let carriesRequestID: Bool
    let comment: String
}
