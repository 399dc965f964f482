/// What a JSON member can hold: scalars, enumerations and messages.
public protocol JSONValue {
    func writeJSON(to json: inout JSONWriter)
    static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self
    /// Whether the value is the one that proto3 leaves out.
    var isJSONDefault: Bool { get }
    /// Whether `null` is a value and not the absence of one.
    static var acceptsJSONNull: Bool { get }
}

extension JSONValue {
    public static var acceptsJSONNull: Bool { false }
}

extension JSONValue where Self: FixedWidthInteger {
    @inlinable public var isJSONDefault: Bool { self == 0 }
}

extension Int32: JSONValue {
    public func writeJSON(to json: inout JSONWriter) { json.integer(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Int32 { try json.integer() }
}

extension UInt32: JSONValue {
    public func writeJSON(to json: inout JSONWriter) { json.integer(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> UInt32 { try json.integer() }
}

extension Int64: JSONValue {
    public func writeJSON(to json: inout JSONWriter) { json.quoted(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Int64 { try json.integer() }
}

extension UInt64: JSONValue {
    public func writeJSON(to json: inout JSONWriter) { json.quoted(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> UInt64 { try json.integer() }
}

extension Double: JSONValue {
    public var isJSONDefault: Bool { self == 0 && sign == .plus }
    public func writeJSON(to json: inout JSONWriter) { json.number(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Double { try json.double() }
}

extension Float: JSONValue {
    public var isJSONDefault: Bool { self == 0 && sign == .plus }

    public func writeJSON(to json: inout JSONWriter) {
        // The shortest text of the greatest float is, read as a double, greater than the greatest float.
        if magnitude == .greatestFiniteMagnitude { json.number(Double(self)) } else { json.number(self) }
    }

    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Float {
        let wide = try json.double()
        let value = Float(wide)
        guard value.isFinite || !wide.isFinite else { throw json.error("is out of range") }
        return value
    }
}

extension Bool: JSONValue {
    @inlinable public var isJSONDefault: Bool { !self }
    public func writeJSON(to json: inout JSONWriter) { json.bool(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Bool { try json.bool() }
}

extension String: JSONValue {
    @inlinable public var isJSONDefault: Bool { isEmpty }
    public func writeJSON(to json: inout JSONWriter) { json.string(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> String { try json.string() }
}

extension Array: JSONValue where Element == UInt8 {
    @inlinable public var isJSONDefault: Bool { isEmpty }
    public func writeJSON(to json: inout JSONWriter) { json.base64(self) }
    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> [UInt8] { try json.base64() }
}

extension ProtobufEnum {
    public var isJSONDefault: Bool { rawValue == 0 }

    public func writeJSON(to json: inout JSONWriter) {
        if let name { json.string(name) } else { json.integer(rawValue) }
    }

    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
        guard try json.kind() == .string else { return Self(rawValue: try json.integer()) }
        let name = try json.string()
        guard let value = Self(name: name) else { throw json.error("has no value \(JSONReader.shown(name))") }
        return value
    }
}

extension GeneratedMessage {
    public var isJSONDefault: Bool { false }

    @inlinable public func writeJSON(to json: inout JSONWriter) {
        json.open("{")
        writeMembers(to: &json)
        json.close("}")
    }

    public static func readJSON(from json: inout JSONReader) throws(JSONDecodingError) -> Self {
        var message = Self()
        try json.members(of: &message)
        return message
    }
}
