import GoogleProtobuf

extension FileLoader {
    func message(_ descriptor: DescriptorProto, _ path: [Int32]) -> Schema.Message {
        var message = Schema.Message(label: label(descriptor.name, path))
        let fields = descriptor.field.enumerated()
        message.fields = fields.map { field($0.element, in: descriptor, path + [2, Int32($0.offset)]) }
        message.messages = descriptor.nestedType.enumerated().map { self.message($0.element, path + [3, Int32($0.offset)]) }
        message.enums = descriptor.enumType.enumerated().map { enumeration($0.element, path + [4, Int32($0.offset)]) }
        message.oneofs = descriptor.oneofDecl.enumerated().filter { index, _ in
            !descriptor.field.contains { $0.oneofIndex == Int32(index) && $0.proto3Optional == true }
        }.map { label($0.element.name, path + [8, Int32($0.offset)]) }
        message.isMapEntry = descriptor.options?.mapEntry == true
        message.reserved.names = Set(descriptor.reservedName)
        // The end of a message's range is past its last number; that of an enum's range is its last number.
        message.reserved.ranges = descriptor.reservedRange.compactMap { range(from: $0.start, to: $0.end.map { $0 - 1 }) }
        return message
    }

    func field(_ descriptor: FieldDescriptorProto, in message: DescriptorProto?, _ path: [Int32]) -> Schema.Field {
        let name = bare(descriptor.typeName)
        let type: Schema.FieldType =
            switch descriptor.type?.rawValue {
            case 10, 11: .message(name)
            case 14: .enum(name)
            case let number: .scalar(number.flatMap { Self.scalars[$0] } ?? "")
            }
        let oneof = descriptor.oneofIndex.flatMap { index in
            message.flatMap { $0.oneofDecl.indices.contains(Int(index)) ? $0.oneofDecl[Int(index)].name : nil }
        }
        return Schema.Field(
            label: label(descriptor.name, path), number: descriptor.number ?? 0, jsonName: descriptor.jsonName ?? "",
            cardinality: cardinality(descriptor, typeName: name), type: type,
            oneof: descriptor.proto3Optional == true ? nil : oneof)
    }

    func enumeration(_ descriptor: EnumDescriptorProto, _ path: [Int32]) -> Schema.Enum {
        var enumeration = Schema.Enum(label: label(descriptor.name, path))
        enumeration.values = descriptor.value.enumerated().map { index, value in
            Schema.EnumValue(label: label(value.name, path + [2, Int32(index)]), number: value.number ?? 0)
        }
        enumeration.allowsAlias = descriptor.options?.allowAlias == true
        enumeration.reserved.names = Set(descriptor.reservedName)
        enumeration.reserved.ranges = descriptor.reservedRange.compactMap { range(from: $0.start, to: $0.end) }
        return enumeration
    }

    func service(_ descriptor: ServiceDescriptorProto, _ path: [Int32]) -> Schema.Service {
        var service = Schema.Service(label: label(descriptor.name, path))
        service.methods = descriptor.method.enumerated().map { index, method in
            var result = Schema.Method(
                label: label(method.name, path + [2, Int32(index)]), request: bare(method.inputType),
                response: bare(method.outputType))
            result.clientStreams = method.clientStreaming == true
            result.serverStreams = method.serverStreaming == true
            result.idempotency = method.options?.idempotencyLevel?.rawValue ?? 0
            result.httpRule = method.options.map { OptionUse.httpRule($0.unknownFields) } ?? []
            return result
        }
        return service
    }

    private func cardinality(_ descriptor: FieldDescriptorProto, typeName: String) -> Schema.Cardinality {
        switch descriptor.label?.rawValue {
        case 2: .required
        case 3: mapEntries.contains(typeName) ? .map : .repeated
        default: descriptor.proto3Optional == true ? .optional : .singular
        }
    }

    private func range(from start: Int32?, to end: Int32?) -> ClosedRange<Int32>? {
        guard let start, let end, start <= end else { return nil }
        return start...end
    }

    /// `FieldDescriptorProto.Type`'s numbers, as the language writes the types.
    private static let scalars: [Int32: String] = [
        1: "double", 2: "float", 3: "int64", 4: "uint64", 5: "int32", 6: "fixed64", 7: "fixed32", 8: "bool", 9: "string",
        12: "bytes", 13: "uint32", 15: "sfixed32", 16: "sfixed64", 17: "sint32", 18: "sint64",
    ]
}
