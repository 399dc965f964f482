import GoogleProtobuf
import Protobuf

/// Which option extensions a file uses. No extension is compiled in, so they arrive as unknown fields of the options.
enum OptionUse {
    /// `google.api.http` in `google.protobuf.MethodOptions`.
    static let httpNumber: UInt32 = 72_295_728

    static func of(_ file: FileDescriptorProto) -> Set<String> {
        var used: Set<String> = []
        func add(_ options: (any Message)?, _ extendee: String) {
            for field in options?.unknownFields.fields ?? [] {
                used.insert("google.protobuf.\(extendee)#\(field.number)")
            }
        }
        func add(_ enumeration: EnumDescriptorProto) {
            add(enumeration.options, "EnumOptions")
            for value in enumeration.value { add(value.options, "EnumValueOptions") }
        }
        func add(_ message: DescriptorProto) {
            add(message.options, "MessageOptions")
            for field in message.field + message.extension { add(field.options, "FieldOptions") }
            for oneof in message.oneofDecl { add(oneof.options, "OneofOptions") }
            message.enumType.forEach(add)
            message.nestedType.forEach(add)
        }
        add(file.options, "FileOptions")
        file.messageType.forEach(add)
        file.enumType.forEach(add)
        for field in file.extension { add(field.options, "FieldOptions") }
        for service in file.service {
            add(service.options, "ServiceOptions")
            for method in service.method { add(method.options, "MethodOptions") }
        }
        return used
    }

    static func httpRule(_ fields: UnknownFields) -> [UInt8] {
        fields.fields.filter { $0.number == httpNumber }.flatMap(\.payload)
    }
}
