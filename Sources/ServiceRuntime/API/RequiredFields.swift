import GRPC
import GoogleProtobuf
import Protobuf

/// Which fields of which messages `google.api.field_behavior` calls REQUIRED, read from a contract's descriptors.
package struct RequiredFields: Sendable {
    private struct Field: Sendable {
        var name: String
        var number: UInt32
        var isRequired: Bool
        /// The message's full name, for fields that hold messages and are not repeated.
        var message: String?
    }

    /// Extension number of `google.api.field_behavior`, and the value REQUIRED.
    private static let optionNumber: UInt32 = 1_052
    private static let required: UInt64 = 2
    /// How deep messages in messages are looked at.
    private static let depthMax = 8

    private let messages: [String: [Field]]

    package init(_ service: ServiceDescriptor) throws {
        var messages: [String: [Field]] = [:]
        for file in try FileDescriptorSet(serialized: service.fileDescriptorSet()).file {
            for message in file.messageType { Self.collect(message, in: file.package ?? "", into: &messages) }
        }
        self.messages = messages
    }

    private static func collect(_ message: DescriptorProto, in scope: String, into messages: inout [String: [Field]]) {
        let name = scope.isEmpty ? message.name ?? "" : "\(scope).\(message.name ?? "")"
        messages[name] = message.field.map { field in
            Field(
                name: field.name ?? "", number: UInt32(field.number ?? 0),
                isRequired: field.options?.unknownFields.varints(optionNumber).contains(required) ?? false,
                message: field.label == .repeated ? nil : field.typeName.map { String($0.drop { $0 == "." }) })
        }
        for nested in message.nestedType { collect(nested, in: name, into: &messages) }
    }

    /// What of a request is missing, as paths from its top.
    ///
    /// Proto3 sends no default, so a required scalar is missing when it holds its default. The request is encoded and read
    /// back as a message without fields: what is there then stands among the unknown ones, by number.
    package func missing<Request: Message>(in request: Request) -> [String] {
        guard needsLook(Request.typeName, depth: 0) else { return [] }
        guard let bare = try? Empty(serialized: request.serialized()) else { return [] }
        var missing: [String] = []
        look(bare, Request.typeName, "", 0, &missing)
        return missing
    }

    /// - Throws: INVALID_ARGUMENT naming every required field that is missing.
    package func check<Request: Message>(_ request: Request) throws(Failure) {
        let missing = missing(in: request)
        guard missing.isEmpty else {
            throw .invalid(missing.map { Failure.FieldViolation($0, "is required", reason: "REQUIRED") })
        }
    }

    private func look(_ bare: Empty, _ type: String, _ path: String, _ depth: Int, _ missing: inout [String]) {
        guard depth < Self.depthMax else { return }
        for field in messages[type] ?? [] {
            let inner = (try? bare.unknownFields.messages(field.number, as: Empty.self)) ?? []
            let isThere = bare.unknownFields.fields.contains { $0.number == field.number }
            if field.isRequired, !isThere { missing.append(path + field.name) }
            if let message = field.message, let value = inner.last {
                look(value, message, path + field.name + ".", depth + 1, &missing)
            }
        }
    }

    private func needsLook(_ type: String, depth: Int) -> Bool {
        guard depth < Self.depthMax else { return false }
        return (messages[type] ?? []).contains { field in
            field.isRequired || (field.message.map { needsLook($0, depth: depth + 1) } ?? false)
        }
    }
}
