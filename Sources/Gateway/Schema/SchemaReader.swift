import AccessV1
import GoogleAPI
import GoogleProtobuf
import Protobuf

extension Schema {
    /// Numbers of the extensions that are read: google.api and switchboard.access.v1.
    private enum Extension {
        static let http: UInt32 = 72_295_728
        static let fieldBehavior: UInt32 = 1052
        static let access: UInt32 = 51_001
    }

    /// Reads a serialized `google.protobuf.FileDescriptorSet`. What an earlier set has told is not told twice.
    mutating func read(_ descriptorSet: [UInt8]) throws {
        // Our own bytes: the limits for strangers' messages are too narrow for a whole contract.
        let set = try FileDescriptorSet(serialized: descriptorSet, limits: .ownDescriptors)
        for file in set.file {
            let comments = Comments(file)
            let package = file.package ?? ""
            for (index, message) in file.messageType.enumerated() {
                try read(message, scope: package, comments, path: [4, Int32(index)])
            }
            for (index, enumeration) in file.enumType.enumerated() {
                read(enumeration, scope: package, comments, path: [5, Int32(index)])
            }
            for (index, service) in file.service.enumerated() {
                try read(service, package: package, comments, path: [6, Int32(index)])
            }
        }
    }

    private mutating func read(_ message: DescriptorProto, scope: String, _ comments: Comments, path: [Int32]) throws {
        let name = "\(scope).\(message.name ?? "")"
        let fields = try message.field.enumerated().map { index, field in
            let oneof = field.oneofIndex.map { message.oneofDecl[Int($0)].name ?? "" }
            return try self.field(field, oneof: oneof, comment: comments[path + [2, Int32(index)]])
        }
        messages[name] = MessageSchema(
            name: name, comment: comments[path], fields: fields, isMapEntry: message.options?.mapEntry ?? false)
        for (index, nested) in message.nestedType.enumerated() {
            try read(nested, scope: name, comments, path: path + [3, Int32(index)])
        }
        for (index, enumeration) in message.enumType.enumerated() {
            read(enumeration, scope: name, comments, path: path + [4, Int32(index)])
        }
    }

    private func field(_ field: FieldDescriptorProto, oneof: String?, comment: String) throws -> FieldSchema {
        let behaviors = field.options?.unknownFields.varints(Extension.fieldBehavior) ?? []
        return FieldSchema(
            name: field.name ?? "",
            jsonName: field.jsonName ?? "",
            number: field.number ?? 0,
            kind: kind(of: field),
            isRepeated: field.label == .repeated,
            comment: comment,
            behaviors: Set(behaviors.compactMap { FieldSchema.Behavior(rawValue: Int32(truncatingIfNeeded: $0)) }),
            oneof: oneof
        )
    }

    private func kind(of field: FieldDescriptorProto) -> FieldSchema.Kind {
        let typeName = String((field.typeName ?? "").drop { $0 == "." })
        return switch field.type {
        case .bool: .bool
        case .int32, .sint32, .sfixed32: .int32
        case .uint32, .fixed32: .uint32
        case .int64, .sint64, .sfixed64: .int64
        case .uint64, .fixed64: .uint64
        case .float: .float
        case .double: .double
        case .bytes: .bytes
        case .message, .group: .message(typeName)
        case .enum: .enumeration(typeName)
        case .string, .unrecognized, nil: .string
        }
    }

    private mutating func read(_ enumeration: EnumDescriptorProto, scope: String, _ comments: Comments, path: [Int32]) {
        let name = "\(scope).\(enumeration.name ?? "")"
        let values = enumeration.value.enumerated().map { index, value in
            EnumSchema.Value(name: value.name ?? "", number: value.number ?? 0, comment: comments[path + [2, Int32(index)]])
        }
        enums[name] = EnumSchema(name: name, comment: comments[path], values: values)
    }

    private mutating func read(_ service: ServiceDescriptorProto, package: String, _ comments: Comments, path: [Int32]) throws {
        let name = "\(package).\(service.name ?? "")"
        guard !services.contains(where: { $0.name == name }) else { return }
        let methods = try service.method.enumerated().map { index, method in
            let options = method.options?.unknownFields ?? UnknownFields()
            let rules = try options.messages(Extension.http, as: HttpRule.self)
            return MethodSchema(
                name: method.name ?? "",
                service: name,
                comment: comments[path + [2, Int32(index)]],
                input: String((method.inputType ?? "").drop { $0 == "." }),
                output: String((method.outputType ?? "").drop { $0 == "." }),
                clientStreams: method.clientStreaming ?? false,
                serverStreams: method.serverStreaming ?? false,
                bindings: rules.flatMap { [$0] + $0.additionalBindings }.compactMap(MethodSchema.Binding.init),
                isOpen: try options.messages(Extension.access, as: MethodAccess.self).last?.unauthenticated ?? false
            )
        }
        services.append(ServiceSchema(name: name, comment: comments[path], methods: methods))
    }
}

extension DecodingLimits {
    /// For descriptor sets that are compiled in: large, and not from the network.
    fileprivate static let ownDescriptors = DecodingLimits(
        messageBytesMax: 64 << 20, fieldsMax: 10_000_000, arenaBytesMax: 1 << 30, allowsNUL: true)
}

extension MethodSchema.Binding {
    fileprivate init?(_ rule: HttpRule) {
        let (method, path): (String, String)
        switch rule.pattern {
        case .get(let text): (method, path) = ("GET", text)
        case .put(let text): (method, path) = ("PUT", text)
        case .post(let text): (method, path) = ("POST", text)
        case .delete(let text): (method, path) = ("DELETE", text)
        case .patch(let text): (method, path) = ("PATCH", text)
        case .custom(let pattern): (method, path) = (pattern.kind, pattern.path)
        case nil: return nil
        }
        self.init(httpMethod: method, path: path, body: rule.body, responseBody: rule.responseBody)
    }
}

/// The leading comments of a file, by the path of what they stand before (descriptor.proto, SourceCodeInfo).
private struct Comments {
    private var texts: [[Int32]: String] = [:]

    init(_ file: FileDescriptorProto) {
        for location in file.sourceCodeInfo?.location ?? [] {
            guard let comment = location.leadingComments else { continue }
            let lines = comment.split(separator: "\n", omittingEmptySubsequences: false).map(\.trimmedOfSpaces)
            texts[location.path] = lines.joined(separator: "\n").trimmingNewlines
        }
    }

    subscript(path: [Int32]) -> String { texts[path] ?? "" }
}

extension String {
    fileprivate var trimmingNewlines: String {
        var text = Substring(self)
        while text.first == "\n" { text.removeFirst() }
        while text.last == "\n" { text.removeLast() }
        return String(text)
    }
}
