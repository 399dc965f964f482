/// The header `grpc-timeout`: at most eight digits and a unit. gRPC over HTTP/2, "Timeout".
enum GRPCTimeout {
    /// What is longer is clamped: 100,000,000 s, over three years, is as good as for ever.
    static let longest = Duration.seconds(99_999_999)

    /// Nil for anything that is not a timeout.
    static func parse(_ text: String) -> Duration? {
        let bytes = text.utf8
        guard (2...9).contains(bytes.count), let unit = bytes.last else { return nil }
        var value: Int64 = 0
        for byte in bytes.dropLast() {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        switch unit {
        case UInt8(ascii: "H"): return min(longest, .seconds(value * 3_600))
        case UInt8(ascii: "M"): return min(longest, .seconds(value * 60))
        case UInt8(ascii: "S"): return .seconds(value)
        case UInt8(ascii: "m"): return .milliseconds(value)
        case UInt8(ascii: "u"): return .microseconds(value)
        case UInt8(ascii: "n"): return .nanoseconds(value)
        default: return nil
        }
    }

    /// The finest unit in which the duration has at most eight digits, rounded up; what is past becomes `1n`.
    static func format(_ duration: Duration) -> String {
        guard duration > .zero else { return "1n" }
        let (seconds, attoseconds) = min(duration, longest).components
        let nanoseconds = seconds * 1_000_000_000 + attoseconds / 1_000_000_000
        for (unit, size) in [("n", Int64(1)), ("u", 1_000), ("m", 1_000_000)] {
            let value = max(1, (nanoseconds + size - 1) / size)
            if value <= 99_999_999 { return "\(value)\(unit)" }
        }
        return "\(min(99_999_999, (nanoseconds + 999_999_999) / 1_000_000_000))S"
    }
}
