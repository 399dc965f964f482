/// A point on the world's clock: microseconds since 1970-01-01T00:00:00Z, in the range of `google.protobuf.Timestamp`
/// (0001-01-01T00:00:00Z to 9999-12-31T23:59:59.999999Z). That is the precision of PostgreSQL's `timestamptz`, so a value
/// survives the database unchanged.
public struct Instant: Sendable, Hashable, InstantProtocol {
    /// Microseconds since the Unix epoch; leap seconds are not counted, as in POSIX time.
    public let microseconds: Int64

    /// An instant by its microseconds since the Unix epoch, clamped to `earliest ... latest`.
    public init(microseconds: Int64) {
        self.microseconds = min(max(microseconds, Self.earliestMicroseconds), Self.latestMicroseconds)
    }

    /// An instant by its milliseconds since the Unix epoch, clamped to `earliest ... latest`.
    public init(milliseconds: Int64) {
        let (product, overflow) = milliseconds.multipliedReportingOverflow(by: 1_000)
        self.init(microseconds: overflow ? (milliseconds < 0 ? .min : .max) : product)
    }

    /// An instant by seconds and nanoseconds since the Unix epoch, rounded down to a microsecond and clamped.
    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        let (micros, borrow) = nanoseconds.quotientAndRemainder(dividingBy: 1_000)
        let floored = Int64(borrow < 0 ? micros - 1 : micros)
        let (sum, carried) = product.addingReportingOverflow(floored)
        self.init(microseconds: overflow || carried ? (seconds < 0 ? .min : .max) : sum)
    }

    /// 0001-01-01T00:00:00Z.
    public static let earliest = Instant(microseconds: earliestMicroseconds)
    /// 9999-12-31T23:59:59.999999Z.
    public static let latest = Instant(microseconds: latestMicroseconds)
    /// 1970-01-01T00:00:00Z.
    public static let unixEpoch = Instant(microseconds: 0)

    private static let earliestMicroseconds: Int64 = -62_135_596_800_000_000
    private static let latestMicroseconds: Int64 = 253_402_300_799_999_999
}

// MARK: - Arithmetic

extension Instant {
    /// This instant moved by a duration, which is rounded towards zero to a microsecond; clamped to `earliest ... latest`.
    public func advanced(by duration: Duration) -> Instant {
        let (seconds, attoseconds) = duration.components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000)
        guard !overflow else { return seconds < 0 ? .earliest : .latest }
        let (delta, carried) = product.addingReportingOverflow(attoseconds / 1_000_000_000_000)
        guard !carried else { return seconds < 0 ? .earliest : .latest }
        let (sum, beyond) = microseconds.addingReportingOverflow(delta)
        return Instant(microseconds: beyond ? (delta < 0 ? .min : .max) : sum)
    }

    /// The exact span from this instant to another; negative when the other is earlier.
    public func duration(to other: Instant) -> Duration {
        // Both lie within 10,000 years, so the difference fits.
        .microseconds(other.microseconds - microseconds)
    }

    public static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Whole milliseconds since the Unix epoch, rounded down.
    public var milliseconds: Int64 {
        microseconds >= 0 ? microseconds / 1_000 : (microseconds - 999) / 1_000
    }

    /// Whole seconds since the Unix epoch, rounded down, and the rest in nanoseconds (0 to 999,999,000).
    public var secondsAndNanoseconds: (seconds: Int64, nanoseconds: Int32) {
        let seconds = microseconds >= 0 ? microseconds / 1_000_000 : (microseconds - 999_999) / 1_000_000
        return (seconds, Int32(microseconds - seconds * 1_000_000) * 1_000)
    }
}
