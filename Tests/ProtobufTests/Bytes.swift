/// Pieces of wire format, for inputs that no encoder makes.
enum Bytes {
    static func varint(_ value: Int) -> [UInt8] {
        var rest = UInt64(value)
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    static func tag(_ number: Int, _ wireType: Int) -> [UInt8] { varint(number << 3 | wireType) }

    static func field(_ number: Int, _ content: [UInt8]) -> [UInt8] {
        tag(number, 2) + varint(content.count) + content
    }

    /// `content` inside `depth` messages of the field `number`.
    static func nested(_ number: Int, depth: Int, _ content: [UInt8] = []) -> [UInt8] {
        (0..<depth).reduce(content) { inner, _ in field(number, inner) }
    }
}
