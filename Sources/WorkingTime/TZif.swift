import WallTime

/// Reads the binary form of a time zone (RFC 8536): the 64-bit block of version 2 or later, and the footer behind it.
///
/// Nothing in the file is trusted: every count is checked against the bytes that are there before anything is made by it.
struct TZif {
    /// Seconds since the Unix epoch, ascending, at which another offset begins.
    var transitions: [Int64] = []
    /// Seconds east of UTC from the transition of the same index on.
    var offsets: [Int] = []
    /// Seconds east of UTC before the first transition.
    var initialOffset: Int
    /// What holds after the last transition; nil where the last offset goes on.
    var footer: POSIXZone?

    init(_ bytes: [UInt8]) throws(TimeZoneError) {
        var reader = BigEndianReader(bytes)
        let first = try Header(&reader)
        guard first.version >= UInt8(ascii: "2") else { throw .malformed("version 1, which ends in 2037") }
        try reader.skip(first.bodyBytes(timeBytes: 4))
        let header = try Header(&reader)
        guard header.leapSeconds == 0 else { throw .malformed("it counts leap seconds, and POSIX time does not") }
        guard (1...256).contains(header.types), header.transitions * 9 <= reader.remaining else {
            throw .malformed("its counts do not fit its length")
        }

        for _ in 0..<header.transitions { transitions.append(try reader.int64()) }
        guard zip(transitions, transitions.dropFirst()).allSatisfy({ $0 < $1 }) else {
            throw .malformed("its transitions are out of order")
        }
        let indices = try reader.bytes(header.transitions)
        var types: [Int] = []
        for _ in 0..<header.types {
            let offset = Int(try reader.int32())
            guard (-93_599...93_599).contains(offset) else { throw .malformed("an offset of \(offset) s") }
            types.append(offset)
            try reader.skip(2)
        }
        guard let standard = types.first, indices.allSatisfy({ Int($0) < types.count }) else {
            throw .malformed("a transition to a type that is not there")
        }
        initialOffset = standard
        offsets = indices.map { types[Int($0)] }

        try reader.skip(header.abbreviationBytes + header.standardFlags + header.utcFlags)
        footer = try Self.footer(try reader.bytes(reader.remaining))
    }

    /// `\n`, a POSIX TZ string or nothing, `\n`.
    private static func footer(_ bytes: [UInt8]) throws(TimeZoneError) -> POSIXZone? {
        guard bytes.count >= 2, bytes.first == UInt8(ascii: "\n"), bytes.last == UInt8(ascii: "\n") else {
            throw .malformed("it has no footer")
        }
        return bytes.count == 2 ? nil : try POSIXZone(String(decoding: bytes.dropFirst().dropLast(), as: UTF8.self))
    }

    private struct Header {
        var version: UInt8
        var utcFlags: Int
        var standardFlags: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var abbreviationBytes: Int

        init(_ reader: inout BigEndianReader) throws(TimeZoneError) {
            guard try reader.bytes(4) == Array("TZif".utf8) else { throw .malformed("it does not begin with TZif") }
            version = try reader.bytes(1)[0]
            try reader.skip(15)
            utcFlags = try reader.count()
            standardFlags = try reader.count()
            leapSeconds = try reader.count()
            transitions = try reader.count()
            types = try reader.count()
            abbreviationBytes = try reader.count()
        }

        func bodyBytes(timeBytes: Int) -> Int {
            transitions * (timeBytes + 1) + types * 6 + abbreviationBytes + leapSeconds * (timeBytes + 4) + standardFlags
                + utcFlags
        }
    }
}

/// Walks bytes; every step is checked.
private struct BigEndianReader {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var remaining: Int { bytes.count - index }

    mutating func bytes(_ count: Int) throws(TimeZoneError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .malformed("it ends too early") }
        defer { index += count }
        return Array(bytes[index..<index + count])
    }

    mutating func skip(_ count: Int) throws(TimeZoneError) {
        guard count >= 0, count <= remaining else { throw .malformed("it ends too early") }
        index += count
    }

    mutating func int32() throws(TimeZoneError) -> Int32 {
        Int32(bitPattern: try bytes(4).reduce(0) { $0 << 8 | UInt32($1) })
    }

    mutating func int64() throws(TimeZoneError) -> Int64 {
        Int64(bitPattern: try bytes(8).reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// A count of the header, which no honest file has above 100,000.
    mutating func count() throws(TimeZoneError) -> Int {
        let count = try int32()
        guard (0...100_000).contains(count) else { throw .malformed("a count of \(count)") }
        return Int(count)
    }
}
