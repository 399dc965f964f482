// RFC 3339 with the widths of ProtoJSON: 0, 3 or 6 fractional digits when printed.

extension Instant: CustomStringConvertible, LosslessStringConvertible {
    /// `2026-11-21T09:30:00Z`, with 3 or 6 fractional digits where the instant has them.
    public var description: String { rfc3339 }

    /// `2026-11-21T09:30:00Z`, with 3 or 6 fractional digits where the instant has them. Always UTC.
    public var rfc3339: String {
        let (seconds, nanoseconds) = secondsAndNanoseconds
        let days = seconds >= 0 ? seconds / 86_400 : (seconds - 86_399) / 86_400
        let second = Int(seconds - days * 86_400)
        let date = CivilDate(daysSinceEpoch: Int(days))
        var text = [UInt8]()
        text.reserveCapacity(27)
        text.append(date.year, digits: 4)
        text.append(UInt8(ascii: "-"))
        text.append(date.month, digits: 2)
        text.append(UInt8(ascii: "-"))
        text.append(date.day, digits: 2)
        text.append(UInt8(ascii: "T"))
        text.append(second / 3_600, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(second / 60 % 60, digits: 2)
        text.append(UInt8(ascii: ":"))
        text.append(second % 60, digits: 2)
        let micros = Int(nanoseconds) / 1_000
        if micros != 0 {
            text.append(UInt8(ascii: "."))
            if micros % 1_000 == 0 { text.append(micros / 1_000, digits: 3) } else { text.append(micros, digits: 6) }
        }
        text.append(UInt8(ascii: "Z"))
        return String(decoding: text, as: UTF8.self)
    }

    public init?(_ description: String) {
        self.init(rfc3339: description)
    }

    /// Reads an RFC 3339 date-time: any offset, up to 9 fractional digits (those beyond the sixth are dropped), seconds up
    /// to 60 (a leap second is the first moment of the next minute). `nil` for anything else, also outside years 1 to 9999.
    public init?(rfc3339 text: some StringProtocol) {
        var reader = DigitReader(Array(text.utf8))
        guard let year = reader.number(digits: 4), year >= 1, reader.take("-"),
            let month = reader.number(digits: 2), (1...12).contains(month), reader.take("-"),
            let day = reader.number(digits: 2), day >= 1, day <= CivilDate.days(in: month, of: year),
            reader.take("T") || reader.take("t"),
            let hour = reader.number(digits: 2), hour <= 23, reader.take(":"),
            let minute = reader.number(digits: 2), minute <= 59, reader.take(":"),
            let second = reader.number(digits: 2), second <= 60,
            let fraction = reader.fractionInMicroseconds(),
            let offset = reader.offsetInSeconds(),
            reader.isAtEnd
        else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = Int64(days) * 86_400 + Int64(hour * 3_600 + minute * 60 + second) - Int64(offset)
        let exact = seconds * 1_000_000 + Int64(fraction)
        self.init(microseconds: exact)
        // An offset may carry the instant past the ends of the range; clamping there would answer with another time.
        guard microseconds == exact else { return nil }
    }
}

extension Instant: Codable {
    /// As an RFC 3339 string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let instant = Instant(rfc3339: text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not an RFC 3339 date-time")
        }
        self = instant
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rfc3339)
    }
}

/// Walks ASCII digits and marks.
private struct DigitReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { index == bytes.count }

    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        guard index < bytes.count, bytes[index] == UInt8(ascii: mark) else { return false }
        index += 1
        return true
    }

    mutating func number(digits: Int) -> Int? {
        var value = 0
        for _ in 0..<digits {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    /// 0 where there is no fraction, `nil` where one is begun and malformed.
    mutating func fractionInMicroseconds() -> Int? {
        guard take(".") else { return 0 }
        var value = 0
        var count = 0
        while let digit = digit() {
            count += 1
            if count <= 6 { value = value * 10 + digit }
        }
        guard (1...9).contains(count) else { return nil }
        for _ in count..<max(count, 6) { value *= 10 }
        return value
    }

    mutating func offsetInSeconds() -> Int? {
        if take("Z") || take("z") { return 0 }
        let sign: Int
        if take("+") { sign = 1 } else if take("-") { sign = -1 } else { return nil }
        guard let hours = number(digits: 2), hours <= 23, take(":"), let minutes = number(digits: 2), minutes <= 59 else {
            return nil
        }
        return sign * (hours * 3_600 + minutes * 60)
    }

    private mutating func digit() -> Int? {
        guard index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) else { return nil }
        defer { index += 1 }
        return Int(bytes[index] - UInt8(ascii: "0"))
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ number: Int, digits: Int) {
        var divisor = 1
        for _ in 1..<digits { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
            divisor /= 10
        }
    }
}
