/// ProtoJSON in the making. What has no JSON form is noted as a refusal, and something readable is written in its place.
public struct JSONWriter {
    public let options: JSONEncodingOptions
    private(set) var bytes: [UInt8] = []
    private(set) var refusal: JSONEncodingError?
    private var needsComma = false

    init(_ options: JSONEncodingOptions) {
        self.options = options
    }

    // MARK: - Members of a message

    @inlinable public mutating func member<T: JSONValue>(_ name: String, _ value: T) {
        guard !value.isJSONDefault || options.emitsDefaults else { return }
        present(name, value)
    }

    @inlinable public mutating func member<T: JSONValue>(_ name: String, _ value: T?) {
        if let value { present(name, value) }
    }

    @inlinable public mutating func member<T: JSONValue>(_ name: String, _ values: [T]) {
        guard !values.isEmpty || options.emitsDefaults else { return }
        key(name)
        array(values)
    }

    @inlinable public mutating func member<K: MapKey, V: JSONValue>(_ name: String, _ values: [K: V]) {
        guard !values.isEmpty || options.emitsDefaults else { return }
        key(name)
        object(values)
    }

    /// A member that is written whatever it holds.
    @inlinable public mutating func present<T: JSONValue>(_ name: String, _ value: T) {
        key(name)
        value.writeJSON(to: &self)
    }

    // MARK: - Structure

    public mutating func array<T: JSONValue>(_ values: [T]) {
        open("[")
        for value in values {
            separate()
            value.writeJSON(to: &self)
        }
        close("]")
    }

    public mutating func object<K: MapKey, V: JSONValue>(_ values: [K: V]) {
        open("{")
        for key in values.keys.sorted(by: K.precedes) {
            self.key(key.jsonKey)
            values[key]!.writeJSON(to: &self)
        }
        close("}")
    }

    mutating func open(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = false
    }

    mutating func close(_ bracket: Unicode.Scalar) {
        bytes.append(UInt8(ascii: bracket))
        needsComma = true
    }

    @usableFromInline mutating func key(_ name: String) {
        separate()
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: - Values

    public mutating func null() { raw("null") }

    /// Text that is JSON already.
    mutating func raw(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func string(_ text: String) {
        bytes.append(UInt8(ascii: "\""))
        var text = text
        text.withUTF8 { characters in
            // Without a branch between the bytes, so that the compiler takes many at once.
            guard characters.reduce(0, { $0 | Self.escapeMark($1) }) != 0 else { return bytes.append(contentsOf: characters) }
            var copied = 0
            for (index, byte) in characters.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                bytes.append(contentsOf: characters[copied..<index])
                escape(byte)
                copied = index + 1
            }
            bytes.append(contentsOf: characters[copied...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Not 0 for what cannot stand in a string as it is.
    private static func escapeMark(_ byte: UInt8) -> UInt8 {
        (byte < 0x20 ? 1 : 0) | (byte == UInt8(ascii: "\"") ? 1 : 0) | (byte == UInt8(ascii: "\\") ? 1 : 0)
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): raw("\\\"")
        case UInt8(ascii: "\\"): raw("\\\\")
        case 0x0A: raw("\\n")
        case 0x0D: raw("\\r")
        case 0x09: raw("\\t")
        default:
            let digits = Array("0123456789abcdef".utf8)
            raw("\\u00")
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 15)])
        }
    }

    mutating func number<F: BinaryFloatingPoint & LosslessStringConvertible>(_ value: F) {
        if value.isNaN {
            raw("\"NaN\"")
        } else if value.isInfinite {
            raw(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        } else if value.rounded() == value, abs(value) < 1e15, !(value == 0 && value.sign == .minus) {
            raw(String(Int64(value)))
        } else {
            raw(value.description)
        }
    }

    /// A number of google.protobuf.Value, where NaN and infinity are no values.
    public mutating func finite(_ value: Double) {
        if !value.isFinite { refuse("\(value) is no value of google.protobuf.Value") }
        number(value)
    }

    mutating func base64(_ value: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        Base64.encode(value, into: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// Notes that the message has no JSON form; the first reason counts.
    public mutating func refuse(_ message: String) {
        if refusal == nil { refusal = JSONEncodingError(message: message) }
        // A member without a value would be no JSON at all.
        if bytes.last == UInt8(ascii: ":") { null() }
    }
}
