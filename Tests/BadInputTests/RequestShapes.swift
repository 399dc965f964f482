import Foundation
import GRPC
import GoogleProtobuf

/// Makes the bytes of requests from a contract's descriptors: what is required, and every id.
struct RequestShapes: Sendable {
    /// Strings named like ids whose form others choose: providers, widgets, our callers.
    private static let foreignIDs: Set<String> = [
        "client_message_id", "provider_message_id", "reply_to_provider_message_id", "external_id", "user_id", "choice_id",
        "event_id",
    ]
    /// google.api.field_behavior and its values REQUIRED, OUTPUT_ONLY.
    private static let behaviour: UInt32 = 1_052
    private static let (required, outputOnly): (UInt64, UInt64) = (2, 3)
    private static let depthMax = 6

    private let messages: [String: DescriptorProto]
    private let enums: [String: EnumDescriptorProto]

    init(_ service: ServiceDescriptor) throws {
        var (messages, enums): ([String: DescriptorProto], [String: EnumDescriptorProto]) = ([:], [:])
        func collect(_ message: DescriptorProto, in scope: String) {
            let name = "\(scope).\(message.name ?? "")"
            messages[name] = message
            for nested in message.nestedType { collect(nested, in: name) }
            for nested in message.enumType { enums["\(name).\(nested.name ?? "")"] = nested }
        }
        for file in try FileDescriptorSet(serialized: service.fileDescriptorSet()).file {
            let scope = ".\(file.package ?? "")"
            for message in file.messageType { collect(message, in: scope) }
            for kind in file.enumType { enums["\(scope).\(kind.name ?? "")"] = kind }
        }
        self.messages = messages
        self.enums = enums
    }

    /// A request of this type in which all that is required is there, and each id is what `id` says of its field's name.
    func request(_ type: String, id: (String) -> String) -> [UInt8] {
        message(".\(type)", depth: 0, updates: type.contains(".Update"), id)
    }

    /// The paths of a request's ids, as far as ``request(_:id:)`` fills them in. A repeated one has the index 0.
    func idPaths(_ type: String) -> [String] {
        var paths: [String] = []
        collectPaths(".\(type)", "", 0, updates: type.contains(".Update"), &paths)
        return paths
    }

    // MARK: - Which fields

    private func chosen(_ type: String, _ depth: Int, updates: Bool) -> [FieldDescriptorProto] {
        guard depth < Self.depthMax else { return [] }
        var oneofs: Set<Int32> = []
        return (messages[type]?.field ?? []).filter { field in
            let behaviours = field.options?.unknownFields.varints(Self.behaviour) ?? []
            // What the service alone writes is left out, but an update says by the thing's own id which one is meant.
            let isOwnID = updates && depth == 1 && type.lowercased().hasSuffix(".\((field.name ?? "").dropLast(3))")
            guard isOwnID || !behaviours.contains(Self.outputOnly), behaviours.contains(Self.required) || isID(field) else {
                return false
            }
            return field.oneofIndex.map { oneofs.insert($0).inserted } ?? true
        }
    }

    private func isID(_ field: FieldDescriptorProto) -> Bool {
        let name = field.name ?? ""
        guard field.type == .string, name.hasSuffix("_id") || name.hasSuffix("_ids") else { return false }
        return name != "request_id" && !Self.foreignIDs.contains(name)
    }

    private func collectPaths(_ type: String, _ prefix: String, _ depth: Int, updates: Bool, _ paths: inout [String]) {
        for field in chosen(type, depth, updates: updates) {
            let path = prefix + (field.name ?? "") + (field.label == .repeated ? "[0]" : "")
            if isID(field) { paths.append(path) }
            if field.type == .message { collectPaths(field.typeName ?? "", path + ".", depth + 1, updates: updates, &paths) }
        }
    }

    // MARK: - Bytes

    private func message(_ type: String, depth: Int, updates: Bool, _ id: (String) -> String) -> [UInt8] {
        switch type {
        case ".google.protobuf.Timestamp", ".google.protobuf.Duration": return Self.varint(1 << 3) + Self.varint(60)
        case ".google.protobuf.FieldMask": return Self.delimited(1, Array("display_name".utf8))
        default: return chosen(type, depth, updates: updates).flatMap { field(of: $0, depth, updates: updates, id) }
        }
    }

    private func field(of field: FieldDescriptorProto, _ depth: Int, updates: Bool, _ id: (String) -> String) -> [UInt8] {
        let number = UInt64(field.number ?? 0)
        switch field.type {
        case .string: return Self.delimited(number, Array((isID(field) ? id(field.name ?? "") : text(field.name ?? "")).utf8))
        case .bytes: return Self.delimited(number, [1])
        case .message: return Self.delimited(number, message(field.typeName ?? "", depth: depth + 1, updates: updates, id))
        case .enum:
            let value = enums[field.typeName ?? ""]?.value.lazy.compactMap(\.number).first { $0 > 0 } ?? 1
            return Self.varint(number << 3) + Self.varint(UInt64(value))
        case .double, .fixed64, .sfixed64: return Self.varint(number << 3 | 1) + [UInt8](repeating: 0, count: 8)
        case .float, .fixed32, .sfixed32: return Self.varint(number << 3 | 5) + [UInt8](repeating: 0, count: 4)
        default: return Self.varint(number << 3) + Self.varint(1)
        }
    }

    private func text(_ name: String) -> String {
        switch name {
        case "request_id": UUID().uuidString.lowercased()
        case "address", "sender_address": "+5511912345678"
        case "etag": "\"1\""
        // Nothing else in its request would be refused, and nothing is to be made.
        case "shortcut": "no shortcut"
        case "time_zone": "America/Sao_Paulo"
        case "locale": "pt-BR"
        default: "hello"
        }
    }

    static func delimited(_ number: UInt64, _ bytes: [UInt8]) -> [UInt8] {
        varint(number << 3 | 2) + varint(UInt64(bytes.count)) + bytes
    }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var (value, bytes): (UInt64, [UInt8]) = (value, [])
        while value >= 0x80 {
            bytes.append(UInt8(value & 0x7F) | 0x80)
            value >>= 7
        }
        return bytes + [UInt8(value)]
    }
}
