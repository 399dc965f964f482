/// The header `Idempotency-Key`: a structured string, or the bare text most clients send
/// (draft-ietf-httpapi-idempotency-key-header-07).
enum IdempotencyKey {
    /// Characters of a key; a UUID has 36.
    static let lengthMax = 128

    /// The key, or nil for a value that is none.
    static func parse(_ header: String) -> String? {
        var text = Substring(header)
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        if text.first == "\"" {
            guard text.count >= 2, text.last == "\"" else { return nil }
            text = text.dropFirst().dropLast()
        }
        guard !text.isEmpty, text.utf8.count <= lengthMax else { return nil }
        guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) else {
            return nil
        }
        return String(text)
    }
}
