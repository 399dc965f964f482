import GRPC
import GoogleProtobuf
import Protobuf

/// The files behind a server's services, found by name, by symbol and by extension.
struct DescriptorIndex: Sendable {
    let services: [String]
    private var files: [String: (bytes: [UInt8], dependencies: [String])] = [:]
    private var fileOfSymbol: [String: String] = [:]
    private var extensions: [String: [Int32: String]] = [:]

    /// Throws when an embedded descriptor set cannot be read.
    init(_ descriptors: [ServiceDescriptor]) throws {
        services = descriptors.map(\.name).sorted()
        for descriptor in descriptors {
            let limits = DecodingLimits(messageBytesMax: 64 << 20, fieldsMax: 10_000_000, arenaBytesMax: 1 << 30)
            for file in try FileDescriptorSet(serialized: descriptor.fileDescriptorSet(), limits: limits).file { add(file) }
        }
    }

    /// The file and everything it imports, the file first. Nil when it is not there.
    func files(named name: String) -> [[UInt8]]? {
        guard files[name] != nil else { return nil }
        var seen: Set<String> = []
        var result: [[UInt8]] = []
        var waiting = [name]
        while let name = waiting.popLast() {
            guard seen.insert(name).inserted, let file = files[name] else { continue }
            result.append(file.bytes)
            waiting += file.dependencies
        }
        return result
    }

    func files(defining symbol: String) -> [[UInt8]]? {
        fileOfSymbol[symbol].flatMap { files(named: $0) }
    }

    func files(extending type: String, number: Int32) -> [[UInt8]]? {
        extensions[type]?[number].flatMap { files(named: $0) }
    }

    /// Nil for a type that is not there; empty for one without extensions.
    func extensionNumbers(of type: String) -> [Int32]? {
        guard fileOfSymbol[type] != nil else { return nil }
        return (extensions[type] ?? [:]).keys.sorted()
    }

    private mutating func add(_ file: FileDescriptorProto) {
        guard let name = file.name, files[name] == nil else { return }
        files[name] = (file.serialized(), file.dependency)
        let scope = file.package ?? ""
        for message in file.messageType { add(message, in: scope, file: name) }
        for type in file.enumType { add(type, in: scope, file: name) }
        for field in file.extension { addExtension(field, in: scope, file: name) }
        for service in file.service {
            let service = (symbol: join(scope, service.name), methods: service.method)
            fileOfSymbol[service.symbol] = name
            for method in service.methods { fileOfSymbol[join(service.symbol, method.name)] = name }
        }
    }

    private mutating func add(_ message: DescriptorProto, in scope: String, file: String) {
        let symbol = join(scope, message.name)
        fileOfSymbol[symbol] = file
        for field in message.field { fileOfSymbol[join(symbol, field.name)] = file }
        for oneof in message.oneofDecl { fileOfSymbol[join(symbol, oneof.name)] = file }
        for nested in message.nestedType { add(nested, in: symbol, file: file) }
        for type in message.enumType { add(type, in: symbol, file: file) }
        for field in message.extension { addExtension(field, in: symbol, file: file) }
    }

    private mutating func add(_ type: EnumDescriptorProto, in scope: String, file: String) {
        fileOfSymbol[join(scope, type.name)] = file
        // The values of an enum live beside it, not in it.
        for value in type.value { fileOfSymbol[join(scope, value.name)] = file }
    }

    private mutating func addExtension(_ field: FieldDescriptorProto, in scope: String, file: String) {
        fileOfSymbol[join(scope, field.name)] = file
        guard let extendee = field.extendee, let number = field.number else { return }
        extensions[String(extendee.drop { $0 == "." }), default: [:]][number] = file
    }

    private func join(_ scope: String, _ name: String?) -> String {
        scope.isEmpty ? name ?? "" : "\(scope).\(name ?? "")"
    }
}
