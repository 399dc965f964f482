/// Reads JSON (RFC 8259) one value at a time, in one pass and with bounds.
public struct JSONReader {
    public enum Kind: Sendable {
        case null, bool, number, string, object, array
    }

    public let options: JSONDecodingOptions
    private let bytes: UnsafeRawBufferPointer
    private var at = 0
    private var depth = 0

    init(_ bytes: UnsafeRawBufferPointer, _ options: JSONDecodingOptions) throws(JSONDecodingError) {
        self.bytes = bytes
        self.options = options
        guard bytes.count <= options.messageBytesMax else { throw error("is longer than \(options.messageBytesMax) bytes") }
    }

    public func error(_ message: String) -> JSONDecodingError { JSONDecodingError(path: "", message: message) }

    /// A piece of the input for an error's message: short, whatever was sent.
    static func shown(_ text: String) -> String {
        text.unicodeScalars.count <= 64 ? "\"\(text)\"" : "\"\(String(text.unicodeScalars.prefix(64)))...\""
    }

    /// Throws where anything follows the value.
    mutating func end() throws(JSONDecodingError) {
        _ = peek()
        guard at == bytes.count else { throw error("has something behind its end") }
    }

    // MARK: - Tokens

    /// The next byte that is no space, which stays; 0 at the end.
    @inline(__always)
    private mutating func peek() -> UInt8 {
        while at < bytes.count {
            let byte = bytes[at]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
            at += 1
        }
        return 0
    }

    @inline(__always)
    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        at += 1
        return true
    }

    @inline(__always)
    private mutating func expect(_ character: Unicode.Scalar) throws(JSONDecodingError) {
        guard take(character) else { throw error("has no '\(character)' where one must be, at byte \(at)") }
    }

    private mutating func word(_ text: StaticString) throws(JSONDecodingError) {
        _ = peek()
        guard bytes.count - at >= text.utf8CodeUnitCount,
            (0..<text.utf8CodeUnitCount).allSatisfy({ bytes[at + $0] == text.utf8Start[$0] })
        else { throw error("is not JSON at byte \(at)") }
        at += text.utf8CodeUnitCount
    }

    /// What kind of value comes next.
    public mutating func kind() throws(JSONDecodingError) -> Kind {
        switch peek() {
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw error("is not JSON at byte \(at)")
        }
    }

    public mutating func null() throws(JSONDecodingError) { try word("null") }

    @usableFromInline mutating func takeNull() throws(JSONDecodingError) -> Bool {
        guard peek() == UInt8(ascii: "n") else { return false }
        try null()
        return true
    }

    mutating func bool() throws(JSONDecodingError) -> Bool {
        switch peek() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default: throw error("must be true or false")
        }
    }

    // MARK: - Strings

    mutating func string() throws(JSONDecodingError) -> String {
        guard take("\"") else { throw error("must be a string") }
        if let ascii = plainASCII() { return String(checked: ascii, isASCII: true) }
        return try otherString()
    }

    /// The name of a member, its colon taken too.
    @usableFromInline mutating func memberName() throws(JSONDecodingError) -> JSONName {
        guard take("\"") else { throw error("must be a string") }
        let name =
            if let ascii = plainASCII() { JSONName(ascii: ascii) } else { JSONName(unusual: try otherString()) }
        try expect(":")
        return name
    }

    /// What stands before the closing quote, which is taken too, where all is ASCII without escapes. Nil, and nothing is
    /// taken, for whatever else is there.
    @inline(__always)
    private mutating func plainASCII() -> UnsafeBufferPointer<UInt8>? {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
        let count = PlainText.prefix(of: rest, asASCII: true)
        guard count < rest.count, rest[count] == UInt8(ascii: "\"") else { return nil }
        at += count + 1
        return UnsafeRawBufferPointer(rebasing: rest[..<count]).assumingMemoryBound(to: UInt8.self)
    }

    private mutating func otherString() throws(JSONDecodingError) -> String {
        let start = at
        at += PlainText.prefix(of: UnsafeRawBufferPointer(rebasing: bytes[at...]))
        guard at < bytes.count else { throw error("ends within a string") }
        switch bytes[at] {
        case UInt8(ascii: "\""):
            at += 1
            return try text(UnsafeRawBufferPointer(rebasing: bytes[start..<(at - 1)]))
        case UInt8(ascii: "\\"): return try escapedString(from: start)
        default: throw error("holds a control character that is not escaped")
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) throws(JSONDecodingError) -> String {
        switch Text.problem(in: bytes, allowsNUL: options.allowsNUL) {
        case .none: return String(checked: bytes.assumingMemoryBound(to: UInt8.self))
        case .nul: throw error("holds U+0000")
        case .notUTF8: throw error("is not UTF-8")
        }
    }

    private mutating func escapedString(from start: Int) throws(JSONDecodingError) -> String {
        var result = Array(bytes[start..<at])
        while at < bytes.count {
            let byte = bytes[at]
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                let checked = result.withUnsafeBytes { buffer in
                    Result { () throws(JSONDecodingError) in try text(buffer) }
                }
                return try checked.get()
            case UInt8(ascii: "\\"): try escape(into: &result)
            case 0..<0x20: throw error("holds a control character that is not escaped")
            default: result.append(byte)
            }
        }
        throw error("ends within a string")
    }

    private mutating func escape(into result: inout [UInt8]) throws(JSONDecodingError) {
        guard at < bytes.count else { throw error("ends within a string") }
        let byte = bytes[at]
        at += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: String(Character(try escapedScalar())).utf8)
        default: throw error("holds an unknown escape")
        }
    }

    /// `\uXXXX`, or two of them for a character beyond U+FFFF; half of such a pair is no character.
    private mutating func escapedScalar() throws(JSONDecodingError) -> Unicode.Scalar {
        let first = try fourDigits()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xDC00, at + 1 < bytes.count, bytes[at] == UInt8(ascii: "\\"), bytes[at + 1] == UInt8(ascii: "u") else {
            throw error("holds half of a surrogate pair")
        }
        at += 2
        let second = try fourDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw error("holds half of a surrogate pair") }
        return scalar
    }

    private mutating func fourDigits() throws(JSONDecodingError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard at < bytes.count, let digit = Character(Unicode.Scalar(bytes[at])).hexDigitValue else {
                throw error("holds an unknown escape")
            }
            value = value << 4 | UInt32(digit)
            at += 1
        }
        return value
    }

    // MARK: - Numbers

    /// The text of a number as RFC 8259 section 6 has it.
    mutating func numberText() throws(JSONDecodingError) -> String {
        _ = peek()
        let start = at
        if at < bytes.count, bytes[at] == UInt8(ascii: "-") { at += 1 }
        let whole = digits()
        guard whole == 1 || (whole > 1 && bytes[at - whole] != UInt8(ascii: "0")) else { throw error("must be a number") }
        if at < bytes.count, bytes[at] == UInt8(ascii: ".") {
            at += 1
            guard digits() > 0 else { throw error("must be a number") }
        }
        if at < bytes.count, bytes[at] == UInt8(ascii: "e") || bytes[at] == UInt8(ascii: "E") {
            at += 1
            if at < bytes.count, bytes[at] == UInt8(ascii: "+") || bytes[at] == UInt8(ascii: "-") { at += 1 }
            guard digits() > 0 else { throw error("must be a number") }
        }
        return String(decoding: bytes[start..<at], as: UTF8.self)
    }

    /// An integer without fraction or exponent, in quotes or not, as nearly all are: read without making a string of it. Nil, and
    /// nothing is taken, for whatever else is there.
    mutating func plainInteger<I: FixedWidthInteger>() -> I? {
        let isQuoted = peek() == UInt8(ascii: "\"")
        var next = isQuoted ? at + 1 : at
        let isNegative = byte(next) == UInt8(ascii: "-")
        if isNegative { next += 1 }
        let first = next
        var magnitude: Int64 = 0
        while case let digit = byte(next) &- UInt8(ascii: "0"), digit < 10 {
            magnitude = magnitude &* 10 &+ Int64(digit)
            next += 1
        }
        // Of eighteen digits every number fits.
        guard next > first, next - first <= 18, next == first + 1 || byte(first) != UInt8(ascii: "0"),
            let value = I(exactly: isNegative ? -magnitude : magnitude)
        else { return nil }
        switch byte(next) {
        case UInt8(ascii: "\"") where isQuoted: next += 1
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): return nil
        default: if isQuoted { return nil }
        }
        at = next
        return value
    }

    /// The byte at an index, 0 beyond the end.
    private func byte(_ index: Int) -> UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func digits() -> Int {
        let start = at
        while at < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[at]) { at += 1 }
        return at - start
    }

    // MARK: - Structure

    /// Enters an object; false where it has no members, and is left again.
    @usableFromInline mutating func openObject() throws(JSONDecodingError) -> Bool {
        guard take("{") else { throw error("must be an object") }
        return try enter(before: "}")
    }

    /// Enters an array; false where it has no elements, and is left again.
    @usableFromInline mutating func openArray() throws(JSONDecodingError) -> Bool {
        guard take("[") else { throw error("must be an array") }
        return try enter(before: "]")
    }

    /// Whether another member follows; leaves the object where none does.
    @usableFromInline mutating func anotherMember() throws(JSONDecodingError) -> Bool { try another(before: "}") }

    /// Whether another element follows; leaves the array where none does.
    @usableFromInline mutating func anotherElement() throws(JSONDecodingError) -> Bool { try another(before: "]") }

    @inline(__always)
    private mutating func enter(before end: Unicode.Scalar) throws(JSONDecodingError) -> Bool {
        depth += 1
        guard depth <= options.depthMax else { throw error("is nested deeper than \(options.depthMax)") }
        guard take(end) else { return true }
        depth -= 1
        return false
    }

    @inline(__always)
    private mutating func another(before end: Unicode.Scalar) throws(JSONDecodingError) -> Bool {
        if take(",") { return true }
        try expect(end)
        depth -= 1
        return false
    }

    /// Calls `member` at the value of each member; it must read the value.
    mutating func eachMember(
        _ member: (inout JSONReader, JSONName) throws(JSONDecodingError) -> Void
    ) throws(JSONDecodingError) {
        guard try openObject() else { return }
        repeat {
            let name = try memberName()
            do throws(JSONDecodingError) {
                try member(&self, name)
            } catch {
                throw error.inside(name.text)
            }
        } while try anotherMember()
    }

    /// Passes a value of any kind.
    mutating func skipValue() throws(JSONDecodingError) {
        switch try kind() {
        case .null: try null()
        case .bool: _ = try bool()
        case .number: _ = try numberText()
        case .string: _ = try string()
        case .array:
            guard try openArray() else { return }
            var index = 0
            repeat {
                do throws(JSONDecodingError) { try skipValue() } catch { throw error.inside(index: index) }
                index += 1
            } while try anotherElement()
        case .object:
            var names: Set<String> = []
            try eachMember { json, name throws(JSONDecodingError) in
                guard names.insert(name.text).inserted else { throw json.error("is there twice") }
                try json.skipValue()
            }
        }
    }
}

extension JSONDecodingError {
    /// Of an element of an array.
    @usableFromInline func inside(index: Int) -> JSONDecodingError { inside("[\(index)]") }

    @usableFromInline func inside(_ name: String) -> JSONDecodingError {
        // A name from outside may be as long as the whole text.
        let short = name.utf8.count <= 64 ? name : String(name.unicodeScalars.prefix(64)) + "..."
        guard path.utf8.count <= 512 else { return self }
        let separator = path.isEmpty || path.hasPrefix("[") ? "" : "."
        return JSONDecodingError(path: short + separator + path, message: message)
    }
}
