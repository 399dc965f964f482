import GoogleProtobuf
import WallTime

extension Timestamp {
    package init(_ instant: Instant) {
        let (seconds, nanoseconds) = instant.secondsAndNanoseconds
        self.init(seconds: seconds, nanos: nanoseconds)
    }
}

extension Instant {
    /// Clamped to the years 1 to 9999, like the instant itself; nanoseconds are cut to microseconds.
    package init(_ timestamp: Timestamp) {
        self.init(seconds: timestamp.seconds, nanoseconds: timestamp.nanos)
    }
}

extension GoogleProtobuf.Duration {
    package init(_ duration: Swift.Duration) {
        let (seconds, attoseconds) = duration.components
        self.init(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000))
    }
}

extension Swift.Duration {
    package init(_ duration: GoogleProtobuf.Duration) {
        self = .seconds(duration.seconds) + .nanoseconds(Int64(duration.nanos))
    }
}
