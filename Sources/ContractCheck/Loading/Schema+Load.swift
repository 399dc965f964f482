import GoogleProtobuf
import Protobuf

extension Schema {
    /// What protoc wrote with `--include_imports --include_source_info`.
    package init(descriptorSet: [UInt8]) throws(DecodingError) {
        self.init(try FileDescriptorSet(serialized: descriptorSet, limits: .descriptorSet))
    }

    package init(_ set: FileDescriptorSet) {
        let entries = Set(set.file.flatMap { file in file.messageType.flatMap { mapEntries($0, prefix: file.package ?? "") } })
        self.init(files: set.file.map { FileLoader($0, mapEntries: entries).file })
    }
}

/// Full names of the messages that protoc makes for map fields.
private func mapEntries(_ message: DescriptorProto, prefix: String) -> [String] {
    let name = prefix.isEmpty ? message.name ?? "" : "\(prefix).\(message.name ?? "")"
    return (message.options?.mapEntry == true ? [name] : []) + message.nestedType.flatMap { mapEntries($0, prefix: name) }
}

extension DecodingLimits {
    /// Contracts with their comments are larger than any request; they come from protoc and not from the network.
    fileprivate static var descriptorSet: DecodingLimits {
        DecodingLimits(messageBytesMax: 64 << 20, fieldsMax: 10_000_000, arenaBytesMax: 1 << 30, allowsNUL: true)
    }
}

/// Turns one file's descriptor into values. Comments and lines are found by path, as `SourceCodeInfo` keeps them.
struct FileLoader {
    let descriptor: FileDescriptorProto
    let mapEntries: Set<String>
    private let locations: [[Int32]: SourceCodeInfo.Location]
    private let path: String

    init(_ descriptor: FileDescriptorProto, mapEntries: Set<String>) {
        self.descriptor = descriptor
        self.mapEntries = mapEntries
        path = descriptor.name ?? ""
        locations = Dictionary(
            (descriptor.sourceCodeInfo?.location ?? []).map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
    }

    var file: Schema.File {
        var file = Schema.File(path: path, package: descriptor.package ?? "", syntax: descriptor.syntax ?? "")
        file.imports = descriptor.dependency
        file.publicImports = descriptor.publicDependency.compactMap { index in
            descriptor.dependency.indices.contains(Int(index)) ? descriptor.dependency[Int(index)] : nil
        }
        file.languageOptions = descriptor.options.map(languageOptions) ?? [:]
        file.optionsUsed = OptionUse.of(descriptor)
        file.messages = descriptor.messageType.enumerated().map { message($0.element, [4, Int32($0.offset)]) }
        file.enums = descriptor.enumType.enumerated().map { enumeration($0.element, [5, Int32($0.offset)]) }
        file.services = descriptor.service.enumerated().map { service($0.element, [6, Int32($0.offset)]) }
        file.extensions = descriptor.extension.enumerated().map { index, field in
            Schema.Extension(extendee: bare(field.extendee), field: self.field(field, in: nil, [7, Int32(index)]))
        }
        return file
    }

    func label(_ name: String?, _ path: [Int32]) -> Schema.Label {
        let location = locations[path]
        let line = location?.span.first.map { Int($0) + 1 } ?? 0
        return Schema.Label(name: name ?? "", comment: location?.leadingComments ?? "", place: .init(file: self.path, line: line))
    }

    /// A full name without its leading dot.
    func bare(_ name: String?) -> String {
        String((name ?? "").drop { $0 == "." })
    }

    private func languageOptions(_ options: FileOptions) -> [String: String] {
        let all: [(String, String?)] = [
            ("csharp_namespace", options.csharpNamespace), ("go_package", options.goPackage),
            ("java_package", options.javaPackage), ("java_multiple_files", options.javaMultipleFiles.map(String.init)),
            ("php_namespace", options.phpNamespace), ("ruby_package", options.rubyPackage), ("swift_prefix", options.swiftPrefix),
        ]
        return Dictionary(all.compactMap { name, value in value.map { (name, $0) } }, uniquingKeysWith: { first, _ in first })
    }
}
