/// `X-Request-Id`: the caller's if it is harmless, otherwise one of ours.
enum RequestID {
    /// What a caller may send: `[A-Za-z0-9._-]{1,64}`.
    static func accepted(_ header: String?) -> String? {
        guard let header, (1...64).contains(header.utf8.count) else { return nil }
        let harmless = header.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
        return harmless ? header : nil
    }

    /// 32 hexadecimal digits.
    static func generate() -> String { hexadecimal(words: 2) }

    static func hexadecimal(words: Int) -> String {
        (0..<words).map { _ in
            let digits = String(UInt64.random(in: .min ... .max), radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }
}

/// `traceparent` (W3C Trace Context, section 3.2).
enum TraceParent {
    /// The header in the form of version 00, or nil where it must be ignored.
    static func accepted(_ header: String?) -> String? {
        guard let header else { return nil }
        let parts = header.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count >= 4, isLowerHex(parts[0], 2), parts[0] != "ff", parts[0] != "00" || parts.count == 4,
            isLowerHex(parts[1], 32), isLowerHex(parts[2], 16), isLowerHex(parts[3], 2),
            parts[1].contains(where: { $0 != "0" }), parts[2].contains(where: { $0 != "0" })
        else { return nil }
        return "00-\(parts[1])-\(parts[2])-\(parts[3])"
    }

    /// A new trace, not sampled.
    static func generate() -> String {
        "00-\(RequestID.hexadecimal(words: 2))-\(RequestID.hexadecimal(words: 1))-00"
    }

    private static func isLowerHex(_ text: Substring, _ count: Int) -> Bool {
        text.utf8.count == count
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
            }
    }
}
