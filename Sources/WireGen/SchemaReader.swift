import GoogleProtobuf

/// Why a contract cannot be generated.
struct ContractError: Error, CustomStringConvertible {
    let description: String
}

/// Resolves descriptors into the model: every type by its full name, then every field.
struct SchemaReader {
    private var messages: [String: (model: MessageModel, descriptor: DescriptorProto)] = [:]
    private var enums: [String: EnumModel] = [:]
    private var comments: [String: [[Int32]: String]] = [:]
    /// Their scalars have presence. Contracts of ours are proto3; this is for descriptor.proto.
    private var proto2Messages: Set<String> = []

    /// One contract per proto package, in the order of their names.
    static func contracts(_ set: FileDescriptorSet) throws -> [Contract] {
        var reader = SchemaReader()
        var contracts: [String: Contract] = [:]
        for file in set.file {
            let package = file.package ?? ""
            let module = SwiftNames.module(ofPackage: package)
            let declared = reader.declare(file, package: package, module: module)
            contracts[package, default: Contract(package: package, module: module)].files.append(declared)
        }
        for name in reader.messages.keys.sorted() { try reader.resolve(name) }
        for index in set.file.indices { try reader.resolveServices(set.file[index], into: &contracts) }
        let all = contracts.values.sorted { $0.package < $1.package }
        Recursion.box(all.flatMap(\.allMessages))
        return all
    }

    // MARK: - Declaring

    private mutating func declare(_ file: FileDescriptorProto, package: String, module: String) -> ContractFile {
        let path = file.name ?? ""
        let stem = path.split(separator: "/").last.map { String($0.dropLast(".proto".count)) } ?? path
        let comments = Comments(file)
        let known = Set(messages.keys)
        defer { if file.syntax != "proto3" { proto2Messages.formUnion(Set(messages.keys).subtracting(known)) } }
        var result = ContractFile(path: path, stem: stem)
        for (index, message) in file.messageType.enumerated() {
            result.messages.append(
                declare(message, scope: package, swiftScope: "", module: module, comments, [4, Int32(index)]))
        }
        for (index, enumeration) in file.enumType.enumerated() {
            result.enums.append(
                declare(enumeration, scope: package, swiftScope: "", module: module, comments, [5, Int32(index)]))
        }
        return result
    }

    private mutating func declare(
        _ descriptor: DescriptorProto, scope: String, swiftScope: String, module: String, _ comments: Comments, _ path: [Int32]
    ) -> MessageModel {
        let name = descriptor.name ?? ""
        let fullName = scope.isEmpty ? name : "\(scope).\(name)"
        let swiftPath = swiftScope + SwiftNames.type(name)
        let model = MessageModel(
            fullName: fullName, swiftPath: swiftPath, module: module, comment: comments[path],
            isMapEntry: descriptor.options?.mapEntry ?? false)
        for (index, nested) in descriptor.nestedType.enumerated() {
            let nestedPath = path + [3, Int32(index)]
            model.nested.append(
                declare(nested, scope: fullName, swiftScope: swiftPath + ".", module: module, comments, nestedPath))
        }
        for (index, nested) in descriptor.enumType.enumerated() {
            let nestedPath = path + [4, Int32(index)]
            model.enums.append(
                declare(nested, scope: fullName, swiftScope: swiftPath + ".", module: module, comments, nestedPath))
        }
        messages[fullName] = (model, descriptor)
        self.comments[fullName] = comments.below(path)
        return model
    }

    private mutating func declare(
        _ descriptor: EnumDescriptorProto, scope: String, swiftScope: String, module: String, _ comments: Comments,
        _ path: [Int32]
    ) -> EnumModel {
        let name = descriptor.name ?? ""
        let fullName = scope.isEmpty ? name : "\(scope).\(name)"
        var model = EnumModel(
            fullName: fullName, swiftPath: swiftScope + SwiftNames.type(name), module: module, comment: comments[path])
        let swiftNames = SwiftNames.cases(ofEnum: name, descriptor.value.map { $0.name ?? "" })
        var numbers: Set<Int32> = []
        for (index, value) in descriptor.value.enumerated() {
            let number = value.number ?? 0
            model.cases.append(
                EnumCase(
                    protoName: value.name ?? "", swiftName: swiftNames[index], number: number,
                    isAlias: !numbers.insert(number).inserted, comment: comments[path + [2, Int32(index)]]))
        }
        enums[fullName] = model
        return model
    }

    // MARK: - Resolving

    private func resolve(_ fullName: String) throws {
        let (model, descriptor) = messages[fullName]!
        let comments = comments[fullName] ?? [:]
        for (index, oneof) in descriptor.oneofDecl.enumerated() {
            let name = oneof.name ?? ""
            let swiftName = SwiftNames.property(name)
            model.oneofs.append(
                OneofModel(
                    protoName: name, swiftName: swiftName, typeName: SwiftNames.capitalized(swiftName),
                    comment: comments[[8, Int32(index)]] ?? ""))
        }
        for (index, field) in descriptor.field.enumerated() {
            let resolved = try resolve(field, in: fullName, comment: comments[[2, Int32(index)]] ?? "")
            model.fields.append(resolved)
            if case .oneof(let oneof) = resolved.cardinality { model.oneofs[oneof].members.append(resolved) }
        }
    }

    private func resolve(_ field: FieldDescriptorProto, in message: String, comment: String) throws -> FieldModel {
        let name = field.name ?? ""
        guard !(field.proto3Optional ?? false) else {
            throw ContractError(description: "\(message).\(name): proto3 'optional' has no C form; use a message, oneof or mask")
        }
        let type = try type(of: field, in: message)
        return FieldModel(
            protoName: name, jsonName: field.jsonName ?? name, swiftName: SwiftNames.property(name), number: field.number ?? 0,
            type: type, cardinality: cardinality(of: field, type, isProto2: proto2Messages.contains(message)), comment: comment,
            isDeprecated: field.options?.deprecated ?? false)
    }

    private func cardinality(of field: FieldDescriptorProto, _ type: FieldType, isProto2: Bool) -> Cardinality {
        if let oneof = field.oneofIndex { return .oneof(Int(oneof)) }
        if field.label == .repeated {
            if case .message(let entry) = type, entry.isMapEntry { return .map(entry) }
            return .repeated
        }
        if case .message = type { return .singular }
        return field.label == .optional && isProto2 ? .optional : .singular
    }

    private func type(of field: FieldDescriptorProto, in message: String) throws -> FieldType {
        let typeName = String((field.typeName ?? "").dropFirst())
        switch field.type {
        case .message:
            guard let found = messages[typeName] else { throw unknown(typeName, field, message) }
            return .message(found.model)
        case .enum:
            guard let found = enums[typeName] else { throw unknown(typeName, field, message) }
            return .enumeration(found)
        case .some(let scalar):
            guard let type = Self.scalars[scalar] else { throw unknown("\(scalar)", field, message) }
            return .scalar(type)
        case nil:
            throw unknown("no type", field, message)
        }
    }

    private func unknown(_ type: String, _ field: FieldDescriptorProto, _ message: String) -> ContractError {
        ContractError(description: "\(message).\(field.name ?? ""): cannot generate the type \(type)")
    }

    private static let scalars: [FieldDescriptorProto.TypeType: ScalarType] = [
        .int32: .int32, .int64: .int64, .uint32: .uint32, .uint64: .uint64, .sint32: .sint32, .sint64: .sint64,
        .fixed32: .fixed32, .fixed64: .fixed64, .sfixed32: .sfixed32, .sfixed64: .sfixed64, .float: .float, .double: .double,
        .bool: .bool, .string: .string, .bytes: .bytes,
    ]

    private func resolveServices(_ file: FileDescriptorProto, into contracts: inout [String: Contract]) throws {
        let package = file.package ?? ""
        let comments = Comments(file)
        let position = contracts[package]!.files.firstIndex { $0.path == file.name }!
        for (index, service) in file.service.enumerated() {
            let name = service.name ?? ""
            let path: [Int32] = [6, Int32(index)]
            var model = ServiceModel(
                fullName: package.isEmpty ? name : "\(package).\(name)", name: name, comment: comments[path])
            for (methodIndex, method) in service.method.enumerated() {
                model.methods.append(try resolve(method, comment: comments[path + [2, Int32(methodIndex)]]))
            }
            contracts[package]!.files[position].services.append(model)
        }
    }

    private func resolve(_ method: MethodDescriptorProto, comment: String) throws -> MethodModel {
        let name = method.name ?? ""
        guard let request = messages[String((method.inputType ?? "").dropFirst())],
            let response = messages[String((method.outputType ?? "").dropFirst())]
        else { throw ContractError(description: "\(name): unknown request or response") }
        let idempotency =
            switch method.options?.idempotencyLevel {
            case .noSideEffects: "noSideEffects"
            case .idempotent: "idempotent"
            default: "unknown"
            }
        return MethodModel(
            name: name, swiftName: SwiftNames.property(SwiftNames.lowerCamel(name)), request: request.model,
            response: response.model, clientStreams: method.clientStreaming ?? false,
            serverStreams: method.serverStreaming ?? false, idempotency: idempotency,
            carriesRequestID: request.descriptor.field.contains { $0.name == "request_id" && $0.type == .string },
            comment: comment)
    }
}

/// The comments of a file, by the path of what they stand at.
struct Comments {
    private var texts: [[Int32]: String] = [:]

    init(_ file: FileDescriptorProto) {
        // The well-known types are explained at length elsewhere.
        guard file.package != "google.protobuf" else { return }
        for location in file.sourceCodeInfo?.location ?? [] {
            if let text = location.leadingComments { texts[location.path] = text }
        }
    }

    subscript(path: [Int32]) -> String { texts[path] ?? "" }

    /// Those of what stands inside, by the rest of the path.
    func below(_ path: [Int32]) -> [[Int32]: String] {
        var result: [[Int32]: String] = [:]
        for (key, text) in texts where key.starts(with: path) { result[Array(key.dropFirst(path.count))] = text }
        return result
    }
}
