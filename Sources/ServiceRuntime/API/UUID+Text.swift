import FoundationEssentials

extension UUID {
    /// The way ids are written on the wire: lower case. Answers are full of them, so not by way of Foundation's, which goes
    /// through printf and then through the string once more.
    package var text: String {
        withUnsafeBytes(of: uuid) { bytes in
            String(unsafeUninitializedCapacity: Self.textLength) { text in
                var place = 0
                for byte in bytes {
                    if Self.isHyphen(place) {
                        text[place] = UInt8(ascii: "-")
                        place += 1
                    }
                    text[place] = Hexadecimal.digit(byte >> 4)
                    text[place + 1] = Hexadecimal.digit(byte & 0xF)
                    place += 2
                }
                return place
            }
        }
    }

    /// An id from the wire: exactly the 36 characters with hyphens, either case.
    package init?(id text: String) {
        var text = text
        guard let uuid = text.withUTF8(Self.read) else { return nil }
        self = uuid
    }

    private static let textLength = 36

    private static func isHyphen(_ place: Int) -> Bool { place == 8 || place == 13 || place == 18 || place == 23 }

    private static func read(_ text: UnsafeBufferPointer<UInt8>) -> UUID? {
        guard text.count == textLength else { return nil }
        var uuid: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
        let isRight = withUnsafeMutableBytes(of: &uuid) { bytes in
            var place = 0
            for index in bytes.indices {
                if isHyphen(place) {
                    guard text[place] == UInt8(ascii: "-") else { return false }
                    place += 1
                }
                guard let high = Hexadecimal.value(text[place]), let low = Hexadecimal.value(text[place + 1]) else {
                    return false
                }
                bytes[index] = high << 4 | low
                place += 2
            }
            return true
        }
        return isRight ? UUID(uuid: uuid) : nil
    }
}

/// Digits as ASCII has them.
enum Hexadecimal {
    /// - Parameter value: 0 to 15.
    static func digit(_ value: UInt8) -> UInt8 {
        value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }

    /// 0 to 15, for a digit of either case.
    static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
