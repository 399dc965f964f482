import WallTime

/// Seconds since 1970, as tokens count them.
enum UnixTime {
    static var now: Int64 { Instant.now.microseconds / 1_000_000 }
}
