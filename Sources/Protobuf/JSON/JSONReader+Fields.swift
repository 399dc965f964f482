extension JSONReader {
    // MARK: - Fields of a message

    /// null leaves a field unset, except where null is a value.
    @inlinable public mutating func read<T: JSONValue>(into field: inout T) throws(JSONDecodingError) {
        if !T.acceptsJSONNull, try takeNull() { return }
        field = try T.readJSON(from: &self)
    }

    @inlinable public mutating func read<T: JSONValue>(into field: inout T?) throws(JSONDecodingError) {
        if !T.acceptsJSONNull, try takeNull() { return }
        field = try T.readJSON(from: &self)
    }

    @inlinable public mutating func read<T: JSONValue>(into field: inout [T]) throws(JSONDecodingError) {
        if try takeNull() { return }
        try array(into: &field)
    }

    @inlinable public mutating func read<K: MapKey, V: JSONValue>(into field: inout [K: V]) throws(JSONDecodingError) {
        if try takeNull() { return }
        try object(into: &field)
    }

    /// The value of a oneof's member; nil for null. At most one member may have a value.
    @inlinable public mutating func oneofMember<T: JSONValue>(
        _ oneof: String, isSet: Bool, as type: T.Type
    ) throws(JSONDecodingError) -> T? {
        if !T.acceptsJSONNull, try takeNull() { return nil }
        guard !isSet else { throw error("is a second member of the oneof \(oneof)") }
        return try T.readJSON(from: &self)
    }

    /// The elements of an array, none of which may be null.
    @inlinable public mutating func array<T: JSONValue>(into values: inout [T]) throws(JSONDecodingError) {
        var read: [T] = []
        if try openArray() {
            repeat {
                do throws(JSONDecodingError) {
                    read.append(try T.readJSON(from: &self))
                } catch {
                    throw error.inside(index: read.count)
                }
            } while try anotherElement()
        }
        values = read
    }

    /// The members of an object, no two with one key.
    public mutating func object<K: MapKey, V: JSONValue>(into values: inout [K: V]) throws(JSONDecodingError) {
        var read: [K: V] = [:]
        try eachMember { json, name throws(JSONDecodingError) in
            guard let key = K(jsonKey: name.text) else { throw json.error("is no key of this map") }
            guard read[key] == nil else { throw json.error("is there twice") }
            read[key] = try V.readJSON(from: &json)
        }
        values = read
    }

    // MARK: - Messages

    @usableFromInline mutating func members<M: GeneratedMessage>(of message: inout M) throws(JSONDecodingError) {
        guard try openObject() else { return }
        var seen = SeenFields()
        repeat {
            let name = try memberName()
            do throws(JSONDecodingError) {
                try member(name, of: &message, &seen)
            } catch {
                throw error.inside(name.text)
            }
        } while try anotherMember()
    }

    mutating func member<M: GeneratedMessage>(
        _ name: JSONName, of message: inout M, _ seen: inout SeenFields
    ) throws(JSONDecodingError) {
        let number = try message.readMember(name, from: &self)
        guard number == 0 else {
            guard seen.insert(number) else { throw error("is there twice") }
            return
        }
        guard options.ignoresUnknownFields else { throw error("is no field of \(M.typeName)") }
        guard seen.insert(unknown: name.text) else { throw error("is there twice") }
        try skipValue()
    }

    // MARK: - Scalars

    mutating func integer<I: FixedWidthInteger>() throws(JSONDecodingError) -> I {
        if let value: I = plainInteger() { return value }
        let text = try peekedNumber()
        if let value = I(text), text.utf8.first != UInt8(ascii: "+") { return value }
        // 1.0 and 1e3 are integers too. A double is exact here, or else it is refused.
        guard text.contains(where: { ".eE".contains($0) }), let wide = Double(text), let value = I(exactly: wide) else {
            throw error("must be an integer of \(I.bitWidth) bits")
        }
        return value
    }

    mutating func double() throws(JSONDecodingError) -> Double {
        if try kind() == .string {
            switch try string() {
            case "NaN": return .nan
            case "Infinity": return .infinity
            case "-Infinity": return -.infinity
            case let text: return try finite(try Self.number(text, options))
            }
        }
        return try finite()
    }

    /// A number, neither NaN nor infinite.
    public mutating func finite() throws(JSONDecodingError) -> Double {
        try finite(try numberText())
    }

    private func finite(_ text: String) throws(JSONDecodingError) -> Double {
        guard let value = Double(text), value.isFinite else { throw error("is out of range") }
        return value
    }

    /// A number, or a string that holds one.
    private mutating func peekedNumber() throws(JSONDecodingError) -> String {
        guard try kind() == .string else { return try numberText() }
        return try Self.number(try string(), options)
    }

    /// `text` where all of it is a number.
    private static func number(_ text: String, _ options: JSONDecodingOptions) throws(JSONDecodingError) -> String {
        let checked = Array(text.utf8).withUnsafeBytes { buffer in
            Result { () throws(JSONDecodingError) in
                var json = try JSONReader(buffer, options)
                guard let first = text.utf8.first, first > 0x20 else { throw json.error("must be a number") }
                let number = try json.numberText()
                guard number.utf8.count == text.utf8.count else { throw json.error("must be a number") }
                return number
            }
        }
        return try checked.get()
    }

    mutating func base64() throws(JSONDecodingError) -> [UInt8] {
        guard let bytes = Base64.decode(try string().utf8) else { throw error("is not base64") }
        return bytes
    }

    /// google.protobuf.NullValue: null, or the enumeration's own name or number.
    public mutating func nullOrEnum<E: ProtobufEnum>() throws(JSONDecodingError) -> E {
        if try takeNull() { return E(rawValue: 0) }
        guard try kind() == .string else { return E(rawValue: try integer()) }
        let name = try string()
        guard let value = E(name: name) else { throw error("has no value \(Self.shown(name))") }
        return value
    }
}

/// Which fields an object has had. Small numbers, the usual ones, cost one bit.
struct SeenFields {
    private var small: UInt64 = 0
    private var large: Set<Int32> = []
    private var unknown: Set<String> = []

    mutating func insert(_ number: Int32) -> Bool {
        guard number < 64 else { return large.insert(number).inserted }
        let bit = UInt64(1) << UInt64(number)
        defer { small |= bit }
        return small & bit == 0
    }

    mutating func insert(unknown name: String) -> Bool { unknown.insert(name).inserted }
}
