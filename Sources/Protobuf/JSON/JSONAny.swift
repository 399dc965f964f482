// google.protobuf.Any: the fields of the message it holds, beside "@type"; for forms that are no object, "value".

extension JSONWriter {
    public mutating func any(typeURL: String, value: [UInt8], wellKnown: TypeRegistry) {
        open("{")
        defer { close("}") }
        if typeURL.isEmpty, value.isEmpty { return }
        key("@type")
        string(typeURL)
        guard let type = Self.type(typeURL, options.types, wellKnown) else {
            refuse("the type \(typeURL) is not known")
            present("value", value)
            return
        }
        var limits = DecodingLimits.default
        limits.messageBytesMax = max(value.count, limits.messageBytesMax)
        limits.allowsNUL = true
        guard let message = try? type.init(serialized: value, limits: limits) else {
            refuse("the value is not a \(type.typeName)")
            present("value", value)
            return
        }
        write(message)
    }

    private mutating func write<M: GeneratedMessage>(_ message: M) {
        if M.ownsJSON {
            present("value", message)
        } else {
            message.writeMembers(to: &self)
        }
    }

    fileprivate static func type(
        _ typeURL: String, _ types: TypeRegistry, _ wellKnown: TypeRegistry
    ) -> (any GeneratedMessage.Type)? {
        guard let slash = typeURL.lastIndex(of: "/") else { return nil }
        let name = String(typeURL[typeURL.index(after: slash)...])
        return (types[name] ?? wellKnown[name]) as? any GeneratedMessage.Type
    }
}

extension JSONReader {
    /// The type's URL and the serialized message.
    public mutating func any(wellKnown: TypeRegistry) throws(JSONDecodingError) -> (String, [UInt8]) {
        let start = self
        var typeURL: String?
        var count = 0
        try eachMember { json, name throws(JSONDecodingError) in
            count += 1
            guard "@type" ~= name, typeURL == nil else { return try json.skipValue() }
            typeURL = try json.string()
        }
        guard let typeURL else {
            guard count == 0 else { throw error("has no @type") }
            return ("", [])
        }
        guard let type = JSONWriter.type(typeURL, options.types, wellKnown) else {
            throw error("has the unknown type \(Self.shown(typeURL))")
        }
        self = start
        return (typeURL, try held(type))
    }

    private mutating func held<M: GeneratedMessage>(_ type: M.Type) throws(JSONDecodingError) -> [UInt8] {
        var message = M()
        var seen = SeenFields()
        var hasType = false
        try eachMember { json, name throws(JSONDecodingError) in
            if "@type" ~= name {
                guard !hasType else { throw json.error("is there twice") }
                hasType = true
                return try json.skipValue()
            }
            guard M.ownsJSON else { return try json.member(name, of: &message, &seen) }
            guard "value" ~= name else { throw json.error("is no member of a \(M.typeName)") }
            guard seen.insert(1) else { throw json.error("is there twice") }
            message = try M.readJSON(from: &json)
        }
        return message.serialized()
    }
}
