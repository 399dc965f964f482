// google.protobuf.Timestamp, Duration and FieldMask.

extension JSONWriter {
    /// RFC 3339 in UTC, with 0, 3, 6 or 9 digits behind the second.
    public mutating func timestamp(seconds: Int64, nanos: Int32) {
        guard CivilTime.seconds.contains(seconds), (0..<1_000_000_000).contains(nanos) else {
            refuse("a timestamp is outside the years 1 to 9999")
            return
        }
        let time = CivilTime(seconds: seconds)
        var text = "\"" + Self.padded(time.year, 4) + "-" + Self.padded(time.month, 2) + "-" + Self.padded(time.day, 2) + "T"
        text += Self.padded(time.hour, 2) + ":" + Self.padded(time.minute, 2) + ":" + Self.padded(time.second, 2)
        raw(text + Self.fraction(nanos) + "Z\"")
    }

    /// Seconds, at most 315,576,000,000 either way, with 0, 3, 6 or 9 digits behind.
    public mutating func duration(seconds: Int64, nanos: Int32) {
        let agree = seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
        guard durationSeconds.contains(seconds), (-999_999_999...999_999_999).contains(nanos), agree else {
            refuse("a duration is out of range")
            return
        }
        let sign = seconds < 0 || nanos < 0 ? "-" : ""
        raw("\"" + sign + String(seconds.magnitude) + Self.fraction(Int32(nanos.magnitude)) + "s\"")
    }

    /// The paths in camel case, with commas between.
    public mutating func fieldMask(_ paths: [String]) {
        let names = paths.map { FieldPath.toJSON($0) }
        if names.contains(nil) { refuse("a path of a field mask has no JSON form") }
        string(zip(names, paths).map { $0 ?? $1 }.joined(separator: ","))
    }

    private static func padded(_ value: Int, _ width: Int) -> String {
        let digits = String(value)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    private static func fraction(_ nanos: Int32) -> String {
        guard nanos != 0 else { return "" }
        let digits = padded(Int(nanos), 9)
        if nanos % 1_000_000 == 0 { return "." + digits.prefix(3) }
        return "." + (nanos % 1000 == 0 ? digits.prefix(6) : digits[...])
    }
}

extension JSONReader {
    public mutating func timestamp() throws(JSONDecodingError) -> (Int64, Int32) {
        guard let time = CivilTime.parse(Array(try string().utf8)) else { throw error("must be a time as RFC 3339 has it") }
        return time
    }

    public mutating func duration() throws(JSONDecodingError) -> (Int64, Int32) {
        let text = try string()
        guard let duration = Self.parsedDuration(text) else { throw error("must be seconds with an s behind, as \"1.5s\"") }
        return duration
    }

    public mutating func fieldMask() throws(JSONDecodingError) -> [String] {
        let text = try string()
        if text.isEmpty { return [] }
        var paths: [String] = []
        for name in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let path = FieldPath.fromJSON(name) else { throw error("must name fields in camel case") }
            paths.append(path)
        }
        return paths
    }

    private static func parsedDuration(_ text: String) -> (Int64, Int32)? {
        var rest = Array(text.utf8)[...]
        guard rest.popLast() == UInt8(ascii: "s") else { return nil }
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative { rest = rest.dropFirst() }
        let parts = rest.split(separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Digits.value(parts[0], max: 12) else { return nil }
        var nanos: Int64 = 0
        if parts.count == 2 {
            guard let fraction = Digits.nanos(parts[1]) else { return nil }
            nanos = fraction
        }
        let seconds = isNegative ? -whole : whole
        guard durationSeconds.contains(seconds) else { return nil }
        return (seconds, Int32(isNegative ? -nanos : nanos))
    }
}

/// About 10,000 years, as google/protobuf/duration.proto has it.
private let durationSeconds: ClosedRange<Int64> = -315_576_000_000...315_576_000_000

/// Names of a field mask: lower_snake_case in the message, lowerCamelCase in JSON.
enum FieldPath {
    /// nil where the way back would lead elsewhere.
    static func toJSON(_ path: String) -> String? {
        var result = ""
        var upper = false
        for character in path.unicodeScalars {
            if ("A"..."Z").contains(character) { return nil }
            if upper {
                guard ("a"..."z").contains(character) else { return nil }
                result += character.properties.uppercaseMapping
                upper = false
            } else if character == "_" {
                upper = true
            } else {
                result.unicodeScalars.append(character)
            }
        }
        return upper ? nil : result
    }

    static func fromJSON(_ name: Substring) -> String? {
        guard !name.isEmpty, !name.contains("_") else { return nil }
        return name.unicodeScalars.reduce(into: "") { result, character in
            if ("A"..."Z").contains(character) {
                result += "_" + character.properties.lowercaseMapping
            } else {
                result.unicodeScalars.append(character)
            }
        }
    }
}
