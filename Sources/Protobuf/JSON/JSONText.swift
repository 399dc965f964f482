import Glibc

/// The bytes of a JSON text in the making. An array would ask before each byte whether somebody else holds it.
struct JSONText: ~Copyable {
    private var start: UnsafeMutablePointer<UInt8>
    private var count = 0
    private var capacity = 512

    init() { start = .allocate(capacity: capacity) }

    deinit { start.deallocate() }

    var bytes: [UInt8] { Array(UnsafeBufferPointer(start: start, count: count)) }

    var last: UInt8? { count > 0 ? start[count - 1] : nil }

    mutating func append(_ byte: UInt8) {
        room(for: 1).pointee = byte
        count += 1
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        memcpy(room(for: bytes.count), base, bytes.count)
        count += bytes.count
    }

    mutating func append(literal text: StaticString) {
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(digitsOf magnitude: UInt64, isNegative: Bool) {
        if isNegative { append(UInt8(ascii: "-")) }
        var digits = 1
        var limit: UInt64 = 10
        // 10^19 is the greatest power of ten that 64 bits hold.
        while digits < 20, magnitude >= limit {
            digits += 1
            limit = digits < 20 ? limit * 10 : limit
        }
        let target = room(for: digits)
        var rest = magnitude
        for index in stride(from: digits - 1, through: 0, by: -1) {
            target[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// What stands in a string: quotes, backslashes and control characters escaped.
    mutating func append(escaping text: UnsafeRawBufferPointer) {
        var rest = text
        while true {
            let plain = PlainText.prefix(of: rest)
            append(UnsafeRawBufferPointer(rebasing: rest[..<plain]))
            guard plain < rest.count else { return }
            append(escape: rest[plain])
            rest = UnsafeRawBufferPointer(rebasing: rest[(plain + 1)...])
        }
    }

    private mutating func append(escape byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(literal: "\\\"")
        case UInt8(ascii: "\\"): append(literal: "\\\\")
        case 0x0A: append(literal: "\\n")
        case 0x0D: append(literal: "\\r")
        case 0x09: append(literal: "\\t")
        default:
            append(literal: "\\u00")
            append(Self.hexDigit(byte >> 4))
            append(Self.hexDigit(byte & 15))
        }
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    private mutating func room(for more: Int) -> UnsafeMutablePointer<UInt8> {
        if capacity - count < more { grow(by: more) }
        return start + count
    }

    @inline(never) private mutating func grow(by more: Int) {
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity * 2, count + more))
        capacity = max(capacity * 2, count + more)
        memcpy(larger, start, count)
        start.deallocate()
        start = larger
    }
}
