import Synchronization

/// What the rate limiter said of one request. Every answer tells it, a refusal too.
final class QuotaNote: Sendable {
    private let verdict = Mutex<RateLimiter.Verdict?>(nil)

    func note(_ verdict: RateLimiter.Verdict) { self.verdict.withLock { $0 = verdict } }

    /// `RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-10); many clients read the older names.
    func headers(withOlderNames: Bool) -> [(name: String, value: String)] {
        guard let verdict = verdict.withLock({ $0 }) else { return [] }
        let (policy, reset) = (verdict.policy, verdict.reset.wholeSeconds)
        let headers = [
            ("RateLimit-Policy", "\"\(policy.name)\";q=\(policy.burst);w=\(policy.window.wholeSeconds)"),
            ("RateLimit", "\"\(policy.name)\";r=\(verdict.remaining);t=\(reset)"),
        ]
        let older = [
            ("X-RateLimit-Limit", "\(policy.burst)"), ("X-RateLimit-Remaining", "\(verdict.remaining)"),
            ("X-RateLimit-Reset", "\(reset)"),
        ]
        return (withOlderNames ? headers + older : headers).map { ($0.0, $0.1) }
    }
}
