/// RFC 4648: written with the standard alphabet and padding, read with either alphabet, padded or not.
enum Base64 {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// 0 to 63 for a digit, 255 for any other byte.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for (value, digit) in alphabet.enumerated() { values[Int(digit)] = UInt8(value) }
        values[Int(UInt8(ascii: "-"))] = 62
        values[Int(UInt8(ascii: "_"))] = 63
        return values
    }()

    static func encode(_ source: [UInt8], into target: inout [UInt8]) {
        target.reserveCapacity(target.count + (source.count + 2) / 3 * 4)
        var index = 0
        while index < source.count {
            let left = source.count - index
            let a = source[index]
            let b = left > 1 ? source[index + 1] : 0
            let c = left > 2 ? source[index + 2] : 0
            target.append(alphabet[Int(a >> 2)])
            target.append(alphabet[Int((a & 3) << 4 | b >> 4)])
            target.append(left > 1 ? alphabet[Int((b & 15) << 2 | c >> 6)] : UInt8(ascii: "="))
            target.append(left > 2 ? alphabet[Int(c & 63)] : UInt8(ascii: "="))
            index += 3
        }
    }

    /// nil where `text` is not base64.
    static func decode(_ text: String.UTF8View) -> [UInt8]? {
        var result: [UInt8] = []
        result.reserveCapacity(text.count / 4 * 3 + 2)
        var bits: UInt32 = 0
        var digits = 0
        var padding = 0
        for character in text {
            if character == UInt8(ascii: "=") {
                padding += 1
                continue
            }
            let value = values[Int(character)]
            guard value != 255, padding == 0 else { return nil }
            bits = bits << 6 | UInt32(value)
            digits += 1
            if digits % 4 == 0 {
                result.append(UInt8(bits >> 16 & 255))
                result.append(UInt8(bits >> 8 & 255))
                result.append(UInt8(bits & 255))
                bits = 0
            }
        }
        guard padding == 0 || (padding <= 2 && (digits + padding) % 4 == 0) else { return nil }
        switch digits % 4 {
        case 0: break
        case 2: result.append(UInt8(bits >> 4 & 255))
        case 3:
            result.append(UInt8(bits >> 10 & 255))
            result.append(UInt8(bits >> 2 & 255))
        default: return nil
        }
        return result
    }
}
