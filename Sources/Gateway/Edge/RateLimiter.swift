import Synchronization

/// Token buckets by key, in this replica's memory. A key that has been quiet until its bucket is full is forgotten.
final class RateLimiter: Sendable {
    struct Policy: Sendable, Hashable {
        /// Requests that may come at once.
        var burst: Int
        /// Requests per minute in the long run.
        var perMinute: Int

        init(burst: Int, perMinute: Int) {
            self.burst = burst
            self.perMinute = perMinute
        }

        var refill: Duration { .seconds(60) / perMinute }
    }

    enum Verdict: Sendable, Hashable {
        case allowed(remaining: Int)
        case refused(retryAfter: Duration)
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
            let debtMax = policy.refill * policy.burst
            let debt = now.duration(to: after)
            guard debt <= debtMax else { return .refused(retryAfter: debt - debtMax) }
            fullAt[key] = after
            return .allowed(remaining: Int((debtMax - debt) / policy.refill))
        }
    }
}
