import Synchronization

/// Token buckets by key, in this replica's memory. A key that has been quiet until its bucket is full is forgotten.
final class RateLimiter: Sendable {
    struct Policy: Sendable, Hashable {
        /// What it is called in `RateLimit-Policy`.
        var name: String
        /// Requests that may come at once.
        var burst: Int
        /// Requests per minute in the long run.
        var perMinute: Int

        /// As many as come in ten seconds may come at once.
        init(name: String, perMinute: Int) { self.init(name: name, burst: max(1, perMinute / 6), perMinute: perMinute) }

        init(name: String, burst: Int, perMinute: Int) {
            self.name = name
            self.burst = burst
            self.perMinute = perMinute
        }

        var refill: Duration { .seconds(60) / perMinute }
        /// In which an empty bucket fills.
        var window: Duration { refill * burst }
    }

    struct Verdict: Sendable, Hashable {
        var policy: Policy
        /// How long to wait before the next request; nil: this one may pass.
        var retryAfter: Duration?
        /// Requests that may follow at once.
        var remaining: Int
        /// Until the bucket is full again.
        var reset: Duration
    }

    /// Keys remembered at once; beyond them the full buckets are dropped, and then newcomers share one bucket.
    static let keysMax = 100_000

    private let policy: Policy
    /// By key, the instant at which its bucket is full again (the generic cell rate algorithm's one number).
    private let fullAt = Mutex<[String: ContinuousClock.Instant]>([:])

    init(_ policy: Policy) { self.policy = policy }

    func take(_ key: String, now: ContinuousClock.Instant = .now) -> Verdict {
        fullAt.withLock { fullAt in
            if fullAt.count >= Self.keysMax { fullAt = fullAt.filter { $0.value > now } }
            let key = fullAt.count >= Self.keysMax && fullAt[key] == nil ? "" : key
            let before = max(fullAt[key] ?? now, now)
            let after = before.advanced(by: policy.refill)
            let debt = now.duration(to: after)
            guard debt <= policy.window else {
                return Verdict(
                    policy: policy, retryAfter: debt - policy.window, remaining: 0, reset: now.duration(to: before))
            }
            fullAt[key] = after
            return Verdict(policy: policy, remaining: Int((policy.window - debt) / policy.refill), reset: debt)
        }
    }
}
