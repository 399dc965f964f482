import WallTime

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The offsets of one IANA time zone from UTC, for all time, as the system's tzdata has them.
package struct ZoneRules: Sendable {
    /// The zone's name, as `America/Sao_Paulo`.
    package let identifier: String
    private let initialOffset: Int
    private let transitions: [Int64]
    private let offsets: [Int]
    private let footer: POSIXZone?

    /// A stretch of time in which the offset does not change.
    package struct Segment: Sendable, Hashable {
        /// Microseconds since the Unix epoch, the end excluded; `Int64.min` and `.max` where nothing bounds it.
        package var microseconds: Range<Int64>
        /// Microseconds east of UTC.
        package var offset: Int64
    }

    /// UTC, for which no file is needed.
    package static let utc = ZoneRules(identifier: "UTC")

    private init(identifier: String) {
        self.identifier = identifier
        initialOffset = 0
        transitions = []
        offsets = []
        footer = nil
    }

    /// Reads a zone from the system's tzdata.
    ///
    /// - Parameter identifier: a name of the IANA database. It is looked at before it becomes part of a path: letters, digits, `_`,
    ///   `-` and `+` in parts between slashes, at most 64 bytes.
    /// - Throws: ``TimeZoneError/unknown(_:)`` for a name that is none, ``TimeZoneError/malformed(_:)`` for a file that is none.
    package init(_ identifier: String, directory: String = "/usr/share/zoneinfo") throws(TimeZoneError) {
        guard Self.isName(identifier), let bytes = Self.contents(of: "\(directory)/\(identifier)") else {
            throw .unknown(identifier)
        }
        try self.init(identifier, tzif: bytes)
    }

    /// Reads a zone from the bytes of a TZif file (RFC 8536).
    package init(_ identifier: String, tzif bytes: [UInt8]) throws(TimeZoneError) {
        let file = try TZif(bytes)
        self.identifier = identifier
        initialOffset = file.initialOffset
        transitions = file.transitions
        offsets = file.offsets
        footer = file.footer
    }

    /// Seconds east of UTC at an instant.
    package func offsetSeconds(at instant: Instant) -> Int {
        Int(segment(containing: instant.microseconds).offset / 1_000_000)
    }

    /// The stretch of constant offset that holds an instant, given in microseconds since the Unix epoch.
    package func segment(containing microseconds: Int64) -> Segment {
        let second = microseconds.flooredQuotient(1_000_000)
        // The index of the first transition after the second.
        var low = 0
        var high = transitions.count
        while low < high {
            let middle = (low + high) / 2
            if transitions[middle] <= second { low = middle + 1 } else { high = middle }
        }
        if low == transitions.count, let footer, footer.summer != nil { return segment(of: footer, containing: second) }
        return Segment(
            from: low == 0 ? nil : transitions[low - 1],
            to: low == transitions.count ? nil : transitions[low],
            offset: low == 0 ? initialOffset : offsets[low - 1])
    }

    /// Behind the last transition of the file: the changes of the years around.
    private func segment(of footer: POSIXZone, containing second: Int64) -> Segment {
        let last = transitions.last ?? .min
        let year = CivilDate(daysSinceEpoch: Int(second.flooredQuotient(86_400))).year
        var changes = (year - 1...year + 1).flatMap(footer.changes).filter { $0.at > last }
        changes.sort { $0.at < $1.at }
        let next = changes.first { $0.at > second }
        let current = changes.last { $0.at <= second }
        return Segment(
            from: current?.at ?? (last == .min ? nil : last), to: next?.at,
            offset: current?.offset ?? offsets.last ?? initialOffset)
    }

    private static func isName(_ text: String) -> Bool {
        guard text.utf8.count <= 64, !text.isEmpty else { return false }
        return text.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic else { return false }
            return part.unicodeScalars.allSatisfy { scalar in
                scalar.isASCII
                    && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "_-+".unicodeScalars.contains(scalar))
            }
        }
    }

    /// A regular file of at most 1 MiB, whole; nil where there is none.
    private static func contents(of path: String) -> [UInt8]? {
        guard let file = fopen(path, "rb") else { return nil }
        defer { fclose(file) }
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        let count = fread(&bytes, 1, bytes.count, file)
        guard count > 0, ferror(file) == 0 else { return nil }
        return Array(bytes[..<count])
    }
}

extension ZoneRules: Hashable {
    /// Zones of one process come from one tzdata: the name tells them apart.
    package static func == (one: ZoneRules, other: ZoneRules) -> Bool { one.identifier == other.identifier }
    package func hash(into hasher: inout Hasher) { hasher.combine(identifier) }
}

extension ZoneRules.Segment {
    fileprivate init(from: Int64?, to: Int64?, offset: Int) {
        let start = from.map { $0.multipliedClamped(1_000_000) } ?? .min
        microseconds = start..<max(start, to.map { $0.multipliedClamped(1_000_000) } ?? .max)
        self.offset = Int64(offset) * 1_000_000
    }
}

extension Int64 {
    /// The quotient rounded down, also below zero.
    func flooredQuotient(_ divisor: Int64) -> Int64 {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? quotient - 1 : quotient
    }

    fileprivate func multipliedClamped(_ factor: Int64) -> Int64 {
        let (product, overflow) = multipliedReportingOverflow(by: factor)
        return overflow ? (self < 0 ? .min : .max) : product
    }
}
