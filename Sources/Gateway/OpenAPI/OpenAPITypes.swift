/// JSON Schema of the contracts' types, as ProtoJSON writes them.
struct OpenAPITypes {
    let schema: Schema

    /// A component's name: the full name, which OpenAPI allows.
    static func key(_ name: String) -> String { name }

    func object(_ message: MessageSchema) -> JSONValue {
        var properties = JSONObject()
        for field in message.fields { properties[field.jsonName] = property(field) }
        var object = JSONObject([("type", "object")])
        if !message.comment.isEmpty { object["description"] = .string(message.comment) }
        object["properties"] = .object(properties)
        let required = message.fields.filter { $0.behaviors.contains(.required) }.map { JSONValue.string($0.jsonName) }
        if !required.isEmpty { object["required"] = .array(required) }
        return .object(object)
    }

    static func enumeration(_ enumeration: EnumSchema) -> JSONValue {
        let values = enumeration.values.map { "- `\($0.name)`: \($0.comment)" }.joined(separator: "\n")
        return [
            "type": "string",
            "description": .string("\(enumeration.comment)\n\n\(values)"),
            "enum": .array(enumeration.values.map { .string($0.name) }),
        ]
    }

    /// The schema of a field, with what its comment and behaviour say.
    func property(_ field: FieldSchema) -> JSONValue {
        var type = type(of: field)
        if !field.comment.isEmpty { type["description"] = .string(field.comment) }
        if field.behaviors.contains(.outputOnly) { type["readOnly"] = true }
        if field.behaviors.contains(.inputOnly) { type["writeOnly"] = true }
        return .object(type)
    }

    func type(of field: FieldSchema) -> JSONObject {
        guard field.isRepeated else { return type(of: field.kind) }
        if case .message(let name) = field.kind, let entry = schema.messages[name], entry.isMapEntry,
            let value = entry.field(named: "value")
        {
            return JSONObject([("type", "object"), ("additionalProperties", .object(type(of: value.kind)))])
        }
        return JSONObject([("type", "array"), ("items", .object(type(of: field.kind)))])
    }

    func type(of kind: FieldSchema.Kind) -> JSONObject {
        switch kind {
        case .bool: JSONObject([("type", "boolean")])
        case .int32: JSONObject([("type", "integer"), ("format", "int32")])
        case .uint32: JSONObject([("type", "integer"), ("minimum", 0)])
        case .int64, .uint64: JSONObject([("type", "string"), ("format", kind == .int64 ? "int64" : "uint64")])
        case .float, .double: JSONObject([("type", "number"), ("format", kind == .float ? "float" : "double")])
        case .string: JSONObject([("type", "string")])
        case .bytes: JSONObject([("type", "string"), ("contentEncoding", "base64")])
        case .enumeration(let name): JSONObject([("$ref", .string("#/components/schemas/\(Self.key(name))"))])
        case .message(let name):
            WellKnownType(rawValue: name).map(wellKnown)
                ?? JSONObject([("$ref", .string("#/components/schemas/\(Self.key(name))"))])
        }
    }

    private func wellKnown(_ type: WellKnownType) -> JSONObject {
        if let wrapped = type.wrapped { return self.type(of: wrapped) }
        return switch type {
        case .timestamp: JSONObject([("type", "string"), ("format", "date-time")])
        case .duration: JSONObject([("type", "string"), ("pattern", #"^-?[0-9]+(\.[0-9]{1,9})?s$"#)])
        case .fieldMask: JSONObject([("type", "string"), ("description", "Paths, separated by commas.")])
        case .listValue: JSONObject([("type", "array")])
        case .structure, .any: JSONObject([("type", "object")])
        default: JSONObject()
        }
    }

    /// The types that a message's fields name.
    func references(of message: MessageSchema) -> [String] {
        message.fields.flatMap { field -> [String] in
            switch field.kind {
            case .enumeration(let name): return [name]
            case .message(let name):
                if WellKnownType(rawValue: name) != nil { return [] }
                if let entry = schema.messages[name], entry.isMapEntry { return references(of: entry) }
                return [name]
            default: return []
            }
        }
    }
}
