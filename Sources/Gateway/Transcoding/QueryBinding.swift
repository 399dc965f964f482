/// Why a query or a path cannot be read into a request.
struct BindingError: Error, Hashable {
    /// The parameter as the caller wrote it.
    let parameter: String
    let description: String
}

extension Schema {
    /// Puts one parameter's texts into the JSON of a request. The parameter names a field by its path (`filter.state`),
    /// in the contract's spelling or in JSON's; the field's type decides what its text means.
    func bind(
        _ texts: [String], to fieldPath: [String], of message: String, in object: inout JSONObject
    ) throws(BindingError) {
        let parameter = fieldPath.joined(separator: ".")
        guard let field = self[message: message].field(named: fieldPath[0]) else {
            throw BindingError(parameter: parameter, description: "does not exist")
        }
        if fieldPath.count > 1 {
            guard case .message(let name) = field.kind, !field.isRepeated, WellKnownType(rawValue: name) == nil else {
                throw BindingError(parameter: parameter, description: "is inside \(field.name), which has no fields")
            }
            var inner = JSONObject()
            if case .object(let existing)? = object[field.jsonName] { inner = existing }
            try bind(texts, to: Array(fieldPath.dropFirst()), of: name, in: &inner)
            object[field.jsonName] = .object(inner)
            return
        }
        let values = try texts.map { text throws(BindingError) in try value(of: text, as: field, parameter: parameter) }
        if field.isRepeated {
            object[field.jsonName] = .array(values)
        } else if values.count == 1 {
            object[field.jsonName] = values[0]
        } else {
            throw BindingError(parameter: parameter, description: "is given \(values.count) times")
        }
    }

    /// Binds a whole query. `taken` are the fields the path or the body has filled already: they are no parameters.
    func bind(
        _ query: QueryString, of message: String, except taken: Set<String>, in object: inout JSONObject
    ) throws(BindingError) {
        var names: [String] = []
        var texts: [String: [String]] = [:]
        for pair in query.pairs {
            if texts[pair.name] == nil { names.append(pair.name) }
            texts[pair.name, default: []].append(pair.value)
        }
        var bound: Set<String> = []
        for name in names {
            let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
            let canonical = canonicalPath(path, of: message)
            if taken.contains(canonical) || taken.contains(String(canonical.prefix { $0 != "." })) {
                throw BindingError(parameter: name, description: "is no query parameter here")
            }
            guard bound.insert(canonical).inserted else {
                throw BindingError(parameter: name, description: "is given in two spellings")
            }
            try bind(texts[name] ?? [], to: path, of: message, in: &object)
        }
    }

    /// The path in the contract's spelling, as far as the fields exist.
    private func canonicalPath(_ path: [String], of message: String) -> String {
        var message = message
        var names: [String] = []
        for part in path {
            guard let field = messages[message]?.field(named: part) else { return (names + [part]).joined(separator: ".") }
            names.append(field.name)
            if case .message(let name) = field.kind { message = name }
        }
        return names.joined(separator: ".")
    }

    private func value(of text: String, as field: FieldSchema, parameter: String) throws(BindingError) -> JSONValue {
        switch field.kind {
        case .enumeration(let name): try enumeration(text, name, parameter)
        case .message(let name):
            switch WellKnownType(rawValue: name) {
            case .timestamp, .duration, .fieldMask: .string(text)
            case let type?:
                if let wrapped = type.wrapped {
                    try scalar(text, wrapped, parameter)
                } else {
                    throw BindingError(parameter: parameter, description: "cannot be given in a query")
                }
            case nil: throw BindingError(parameter: parameter, description: "has fields; name one of them")
            }
        default: try scalar(text, field.kind, parameter)
        }
    }

    private func scalar(_ text: String, _ kind: FieldSchema.Kind, _ parameter: String) throws(BindingError) -> JSONValue {
        let fits =
            switch kind {
            case .bool: text == "true" || text == "false"
            case .int32: Int32(text) != nil
            case .uint32: UInt32(text) != nil
            case .int64: Int64(text) != nil
            case .uint64: UInt64(text) != nil
            case .float, .double: Double(text) != nil
            case .string, .bytes, .message, .enumeration: true
            }
        guard fits else { throw BindingError(parameter: parameter, description: "is not of type \(kind)") }
        return kind == .bool ? .bool(text == "true") : .string(text)
    }

    /// By name or number.
    private func enumeration(_ text: String, _ name: String, _ parameter: String) throws(BindingError) -> JSONValue {
        let values = enums[name]?.values ?? []
        if values.contains(where: { $0.name == text }) { return .string(text) }
        if let number = Int32(text) { return .number(String(number)) }
        let known = values.map(\.name).joined(separator: ", ")
        throw BindingError(parameter: parameter, description: "is not one of \(known)")
    }
}
