/// Counts the frames that cost us work and the peer next to nothing, and says when a peer has gone too far.
///
/// nghttp2 stops Rapid Reset and CONTINUATION floods by itself; these are the others: PING, SETTINGS, empty DATA,
/// PRIORITY, GOAWAY, and streams that the peer makes *us* reset (CVE-2025-8671).
struct FloodGuard {
    private let limits: HTTP2Limits
    private var pings = Window()
    private var settings = Window()
    private var emptyData = 0
    private var priorities = 0
    private var goAways = 0
    private var streams = 0
    private var resets: TokenBucket

    init(_ limits: HTTP2Limits) {
        self.limits = limits
        resets = TokenBucket(burst: limits.streamResetBurst, perSecond: limits.streamResetsPerSecond)
    }

    mutating func openedStream() {
        streams += 1
        pings.count = 0
    }

    mutating func received(dataBytes: Int, endStream: Bool) -> HTTP2Violation? {
        guard dataBytes == 0, !endStream else {
            emptyData = 0
            pings.count = 0
            return nil
        }
        emptyData += 1
        return emptyData > limits.emptyDataFramesMax ? .emptyData : nil
    }

    mutating func receivedPing(at nanoseconds: UInt64) -> HTTP2Violation? {
        guard limits.idlePingsPer10Seconds > 0 else { return nil }
        return pings.hit(at: nanoseconds) > limits.idlePingsPer10Seconds ? .pings : nil
    }

    mutating func receivedSettings(at nanoseconds: UInt64) -> HTTP2Violation? {
        settings.hit(at: nanoseconds) > limits.settingsPer10Seconds ? .settings : nil
    }

    mutating func receivedPriority() -> HTTP2Violation? {
        priorities += 1
        return priorities > limits.priorityFramesMax + 10 * streams ? .priority : nil
    }

    mutating func receivedGoAway() -> HTTP2Violation? {
        goAways += 1
        return goAways > limits.goAwayFramesMax ? .goAways : nil
    }

    /// A stream was reset by the peer, or by us for the peer's fault.
    mutating func reset(at nanoseconds: UInt64) -> HTTP2Violation? {
        resets.take(at: nanoseconds) ? nil : .resets
    }

    /// Events in the current ten seconds.
    private struct Window {
        var count = 0
        private var start: UInt64 = 0

        mutating func hit(at nanoseconds: UInt64) -> Int {
            if nanoseconds >= start + 10_000_000_000 {
                start = nanoseconds
                count = 0
            }
            count += 1
            return count
        }
    }
}

/// `burst` tokens at first, refilled at a steady rate.
struct TokenBucket {
    private let burst: Double
    private let perNanosecond: Double
    private var tokens: Double
    private var last: UInt64?

    init(burst: Int, perSecond: Int) {
        self.burst = Double(burst)
        perNanosecond = Double(perSecond) / 1e9
        tokens = Double(burst)
    }

    /// False when the bucket is empty.
    mutating func take(at nanoseconds: UInt64) -> Bool {
        if let last, nanoseconds > last {
            tokens = min(burst, tokens + Double(nanoseconds - last) * perNanosecond)
        }
        last = nanoseconds
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }
}
