import GoogleProtobuf
import Protobuf

/// Sets of descriptors cut to a purpose.
enum Descriptors {
    /// The files named and all they import, in an order in which each comes after its imports. Comments of files that are not
    /// ours are left out.
    static func closure(of names: [String], in set: FileDescriptorSet) -> FileDescriptorSet {
        let files = Dictionary(set.file.map { ($0.name ?? "", $0) }, uniquingKeysWith: { first, _ in first })
        var needed: Set<String> = []
        var open = names
        while let next = open.popLast() {
            guard needed.insert(next).inserted else { continue }
            open += files[next]?.dependency ?? []
        }
        var result = FileDescriptorSet()
        for var file in set.file where needed.contains(file.name ?? "") {
            if !(file.package ?? "").hasPrefix("switchboard.") { file.sourceCodeInfo = nil }
            result.file.append(file)
        }
        return result
    }

    /// What protoc-gen-c shall compile: strings as bytes with a length, so that nothing is cut at U+0000, and neither
    /// services nor options, which have no useful C form.
    static func forC(_ set: FileDescriptorSet) -> FileDescriptorSet {
        var result = set
        for index in result.file.indices {
            let used = usedTypes(result.file[index])
            result.file[index].dependency.removeAll { name in
                !set.file.contains { $0.name == name && !definedTypes($0).isDisjoint(with: used) }
            }
            result.file[index].publicDependency = []
            result.file[index].weakDependency = []
            result.file[index].service = []
            result.file[index].extension = []
            result.file[index].sourceCodeInfo = nil
            result.file[index].options?.unknownFields = UnknownFields()
            for message in result.file[index].messageType.indices { forC(&result.file[index].messageType[message]) }
            for enumeration in result.file[index].enumType.indices { forC(&result.file[index].enumType[enumeration]) }
        }
        return result
    }

    private static func forC(_ message: inout DescriptorProto) {
        message.options?.unknownFields = UnknownFields()
        message.options?.deprecated = nil
        message.extension = []
        for field in message.field.indices { forC(&message.field[field]) }
        for oneof in message.oneofDecl.indices { message.oneofDecl[oneof].options = nil }
        for nested in message.nestedType.indices { forC(&message.nestedType[nested]) }
        for nested in message.enumType.indices { forC(&message.enumType[nested]) }
    }

    private static func forC(_ field: inout FieldDescriptorProto) {
        field.options?.unknownFields = UnknownFields()
        // Swift would warn where generated code moves the field.
        field.options?.deprecated = nil
        guard field.type == .string else { return }
        var options = field.options ?? FieldOptions()
        options.unknownFields = stringAsBytes
        field.options = options
        // A default would be text in the place of bytes.
        field.defaultValue = nil
    }

    private static func forC(_ enumeration: inout EnumDescriptorProto) {
        enumeration.options?.unknownFields = UnknownFields()
        enumeration.options?.deprecated = nil
        for value in enumeration.value.indices { enumeration.value[value].options = nil }
    }

    /// `(pb_c_field).string_as_bytes = true` of protobuf-c.proto.
    private static let stringAsBytes = UnknownFields([.init(number: 1019, wireType: 2, payload: [2, 0x08, 0x01])])

    private static func usedTypes(_ file: FileDescriptorProto) -> Set<String> {
        Set(file.messageType.flatMap(usedTypes))
    }

    private static func usedTypes(_ message: DescriptorProto) -> [String] {
        message.field.compactMap { $0.typeName.map { String($0.dropFirst()) } } + message.nestedType.flatMap(usedTypes)
    }

    private static func definedTypes(_ file: FileDescriptorProto) -> Set<String> {
        let scope = (file.package.map { $0 + "." }) ?? ""
        return Set(file.messageType.flatMap { definedTypes($0, scope) } + file.enumType.map { scope + ($0.name ?? "") })
    }

    private static func definedTypes(_ message: DescriptorProto, _ scope: String) -> [String] {
        let name = scope + (message.name ?? "")
        return [name] + message.nestedType.flatMap { definedTypes($0, name + ".") }
            + message.enumType.map { name + "." + ($0.name ?? "") }
    }
}
