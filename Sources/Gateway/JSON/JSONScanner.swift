/// Finds one member in JSON that our own printer wrote, without building values of the rest. It trusts its input.
enum JSONScanner {
    /// The text of a member of the outermost object.
    static func member(_ name: String, of json: ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        var position = json.startIndex
        skipWhitespace(json, &position)
        guard position < json.endIndex, json[position] == UInt8(ascii: "{") else { return nil }
        position += 1
        let wanted = Array(name.utf8)
        while true {
            skipWhitespace(json, &position)
            guard position < json.endIndex, json[position] == UInt8(ascii: "\"") else { return nil }
            let start = position
            skipString(json, &position)
            let found = json[(start + 1)..<(position - 1)].elementsEqual(wanted)
            skipWhitespace(json, &position)
            position += 1  // the colon
            skipWhitespace(json, &position)
            let valueStart = position
            skipValue(json, &position)
            if found { return json[valueStart..<position] }
            skipWhitespace(json, &position)
            guard position < json.endIndex, json[position] == UInt8(ascii: ",") else { return nil }
            position += 1
        }
    }

    /// The value of a member that is a string.
    static func stringMember(_ name: String, of json: ArraySlice<UInt8>) -> String? {
        guard let text = member(name, of: json), text.first == UInt8(ascii: "\"") else { return nil }
        return (try? JSONParser.parse(Array(text)))?.stringValue
    }

    private static func skipValue(_ json: ArraySlice<UInt8>, _ position: inout Int) {
        var depth = 0
        while position < json.endIndex {
            switch json[position] {
            case UInt8(ascii: "\""): skipString(json, &position)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return }
                depth -= 1
                position += 1
            case UInt8(ascii: ",") where depth == 0: return
            default: position += 1
            }
            if depth == 0, position < json.endIndex, [UInt8(ascii: ","), UInt8(ascii: "}")].contains(json[position]) { return }
        }
    }

    private static func skipString(_ json: ArraySlice<UInt8>, _ position: inout Int) {
        position += 1
        while position < json.endIndex, json[position] != UInt8(ascii: "\"") {
            position += json[position] == UInt8(ascii: "\\") ? 2 : 1
        }
        position += 1
    }

    private static func skipWhitespace(_ json: ArraySlice<UInt8>, _ position: inout Int) {
        while position < json.endIndex, json[position] <= 0x20 { position += 1 }
    }
}

/// A fingerprint of bytes for entity tags: FNV-1a, 64 bits. It tells versions apart and protects nothing.
enum Fingerprint {
    static func hex(_ bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return String(hash, radix: 16)
    }
}

/// A random UUID (version 4) as text.
enum UUIDText {
    static func random() -> String {
        var bytes = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        bytes[6] = bytes[6] & 0x0F | 0x40
        bytes[8] = bytes[8] & 0x3F | 0x80
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return [0..<4, 4..<6, 6..<8, 8..<10, 10..<16].map { digits[$0].joined() }.joined(separator: "-")
    }
}
