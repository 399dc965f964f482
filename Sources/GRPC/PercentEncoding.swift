/// The encoding of `grpc-message`: UTF-8 where everything but 0x20-0x24 and 0x26-0x7E is `%XX`.
/// gRPC over HTTP/2, "Status-Message". A space at either end is encoded too: a field's value has none (RFC 9113, 8.2.1).
enum PercentEncoding {
    static func encode(_ text: String) -> String {
        let space = UInt8(ascii: " ")
        if text.utf8.allSatisfy(isPlain), text.utf8.first != space, text.utf8.last != space { return text }
        var bytes: [UInt8] = []
        let last = text.utf8.count - 1
        for (at, byte) in text.utf8.enumerated() {
            if isPlain(byte), byte != space || (at != 0 && at != last) {
                bytes.append(byte)
            } else {
                bytes.append(UInt8(ascii: "%"))
                bytes.append(digits[Int(byte >> 4)])
                bytes.append(digits[Int(byte & 15)])
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Never fails: what is no `%XX` stays as it is, invalid UTF-8 is repaired.
    static func decode(_ text: String) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return text }
        let source = Array(text.utf8)
        var bytes: [UInt8] = []
        var at = 0
        while at < source.count {
            if source[at] == UInt8(ascii: "%"), at + 2 < source.count, let high = value(source[at + 1]),
                let low = value(source[at + 2])
            {
                bytes.append(high << 4 | low)
                at += 3
            } else {
                bytes.append(source[at])
                at += 1
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20...0x7E).contains(byte) && byte != UInt8(ascii: "%")
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
