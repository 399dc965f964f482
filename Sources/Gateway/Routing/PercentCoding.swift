/// RFC 3986 percent-encoding, for paths and queries.
enum PercentCoding {
    /// Decodes every escape; nil for a broken escape or bytes that are not UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        decode(text, plusIsSpace: plusIsSpace, keeping: { _ in false })
    }

    /// Decodes all escapes but those of reserved characters, so that `%2F` inside `**` stays apart from `/`.
    static func decodeUnreserved(_ text: Substring) -> String? {
        decode(text, plusIsSpace: false, keeping: isReserved)
    }

    /// Encodes all but the unreserved characters of RFC 3986, section 2.3.
    static func encode(_ text: String) -> String {
        var out = ""
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"):
                out.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
        return out
    }

    private static func decode(_ text: Substring, plusIsSpace: Bool, keeping: (UInt8) -> Bool) -> String? {
        var out: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = bytes.popFirst(), let low = bytes.popFirst(),
                    let highDigit = hexDigit(high), let lowDigit = hexDigit(low)
                else { return nil }
                let value = highDigit << 4 | lowDigit
                out.append(contentsOf: keeping(value) ? [byte, high, low] : [value])
            case UInt8(ascii: "+") where plusIsSpace: out.append(0x20)
            default: out.append(byte)
            }
        }
        return String(validating: out, as: UTF8.self)
    }

    /// gen-delims and sub-delims of RFC 3986, section 2.2.
    private static func isReserved(_ byte: UInt8) -> Bool { ":/?#[]@!$&'()*+,;=".utf8.contains(byte) }
}
