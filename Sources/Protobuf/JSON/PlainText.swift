/// The bytes that stand in a JSON string as they are: no quote, backslash or control character (RFC 8259 section 7).
enum PlainText {
    /// How many bytes of `text` are plain before the first one that is not. With `asASCII` one above 0x7F ends them too.
    @inline(__always)
    static func prefix(of text: UnsafeRawBufferPointer, asASCII: Bool = false) -> Int {
        guard let base = text.baseAddress else { return 0 }
        var index = 0
        // Eight bytes at a time.
        while text.count - index >= 8 {
            let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            let marks = marks(in: word) | (asASCII ? word & high : 0)
            if marks != 0 { return index + UInt64(littleEndian: marks).trailingZeroBitCount / 8 }
            index += 8
        }
        while index < text.count, isPlain(base.load(fromByteOffset: index, as: UInt8.self), asASCII) { index += 1 }
        return index
    }

    private static func isPlain(_ byte: UInt8, _ asASCII: Bool) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && !(asASCII && byte >= 0x80)
    }

    private static let low: UInt64 = 0x0101_0101_0101_0101
    private static let high: UInt64 = 0x8080_8080_8080_8080

    /// Bytes that are not plain have their highest bit set: all of them up to the first, and perhaps others behind it.
    @inline(__always)
    private static func marks(in word: UInt64) -> UInt64 {
        let quote = word ^ low &* UInt64(UInt8(ascii: "\""))
        let backslash = word ^ low &* UInt64(UInt8(ascii: "\\"))
        let control = (word &- low &* 0x20) & ~word
        return (control | (quote &- low) & ~quote | (backslash &- low) & ~backslash) & high
    }
}
