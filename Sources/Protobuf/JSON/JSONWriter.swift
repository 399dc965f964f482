/// ProtoJSON in the making. What has no JSON form is noted as a refusal, and something readable is written in its place.
///
/// Members are generic and inlinable, so that each is compiled for its value where the contract is.
public struct JSONWriter: ~Copyable {
    public let options: JSONEncodingOptions
    private(set) var text = JSONText()
    private(set) var refusal: JSONEncodingError?
    private var needsComma = false

    init(_ options: JSONEncodingOptions) {
        self.options = options
    }

    // MARK: - Members of a message

    @inlinable public mutating func member<T: JSONValue>(_ name: StaticString, _ value: T) {
        guard !value.isJSONDefault || options.emitsDefaults else { return }
        present(name, value)
    }

    @inlinable public mutating func member<T: JSONValue>(_ name: StaticString, _ value: T?) {
        if let value { present(name, value) }
    }

    @inlinable public mutating func member<T: JSONValue>(_ name: StaticString, _ values: [T]) {
        guard !values.isEmpty || options.emitsDefaults else { return }
        key(name)
        array(values)
    }

    @inlinable public mutating func member<K: MapKey, V: JSONValue>(_ name: StaticString, _ values: [K: V]) {
        guard !values.isEmpty || options.emitsDefaults else { return }
        key(name)
        object(values)
    }

    /// A member that is written whatever it holds.
    @inlinable public mutating func present<T: JSONValue>(_ name: StaticString, _ value: T) {
        key(name)
        value.writeJSON(to: &self)
    }

    // MARK: - Structure

    @inlinable public mutating func array<T: JSONValue>(_ values: [T]) {
        open("[")
        values.withUnsafeBufferPointer { values in
            for index in 0..<values.count {
                separate()
                Lending.lend(values.baseAddress! + index) { $0.writeJSON(to: &self) }
            }
        }
        close("]")
    }

    @inlinable public mutating func object<K: MapKey, V: JSONValue>(_ values: [K: V]) {
        open("{")
        for key in values.keys.sorted(by: K.precedes) {
            self.key(text: key.jsonKey)
            values[key]!.writeJSON(to: &self)
        }
        close("}")
    }

    @usableFromInline mutating func open(_ bracket: Unicode.Scalar) {
        text.append(UInt8(ascii: bracket))
        needsComma = false
    }

    @usableFromInline mutating func close(_ bracket: Unicode.Scalar) {
        text.append(UInt8(ascii: bracket))
        needsComma = true
    }

    /// A name of the contract: nothing in it needs an escape.
    @usableFromInline mutating func key(_ name: StaticString) {
        separate()
        text.append(UInt8(ascii: "\""))
        text.append(literal: name)
        text.append(literal: "\":")
    }

    @usableFromInline mutating func key(text name: String) {
        separate()
        string(name)
        text.append(UInt8(ascii: ":"))
    }

    @usableFromInline mutating func separate() {
        if needsComma { text.append(UInt8(ascii: ",")) }
        needsComma = true
    }

    // MARK: - Values

    public mutating func null() { text.append(literal: "null") }

    mutating func bool(_ value: Bool) { text.append(literal: value ? "true" : "false") }

    /// Text that is JSON already.
    mutating func raw(_ json: String) {
        var json = json
        json.withUTF8 { text.append(UnsafeRawBufferPointer($0)) }
    }

    mutating func integer<I: FixedWidthInteger>(_ value: I) {
        text.append(digitsOf: UInt64(value.magnitude), isNegative: value < 0)
    }

    /// JavaScript's numbers are exact to 2^53 only, so 64 bits are written as strings.
    mutating func quoted<I: FixedWidthInteger>(_ value: I) {
        text.append(UInt8(ascii: "\""))
        integer(value)
        text.append(UInt8(ascii: "\""))
    }

    mutating func string(_ value: String) {
        text.append(UInt8(ascii: "\""))
        if value.utf8.withContiguousStorageIfAvailable({ text.append(escaping: UnsafeRawBufferPointer($0)) }) == nil {
            Array(value.utf8).withUnsafeBytes { text.append(escaping: $0) }
        }
        text.append(UInt8(ascii: "\""))
    }

    mutating func number<F: BinaryFloatingPoint & LosslessStringConvertible>(_ value: F) {
        if value.isNaN {
            raw("\"NaN\"")
        } else if value.isInfinite {
            raw(value < 0 ? "\"-Infinity\"" : "\"Infinity\"")
        } else if value.rounded() == value, abs(value) < 1e15, !(value == 0 && value.sign == .minus) {
            integer(Int64(value))
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
        var digits: [UInt8] = []
        Base64.encode(value, into: &digits)
        text.append(UInt8(ascii: "\""))
        digits.withUnsafeBytes { text.append($0) }
        text.append(UInt8(ascii: "\""))
    }

    /// Notes that the message has no JSON form; the first reason counts.
    public mutating func refuse(_ message: String) {
        if refusal == nil { refusal = JSONEncodingError(message: message) }
        // A member without a value would be no JSON at all.
        if text.last == UInt8(ascii: ":") { null() }
    }
}
