/// When a failed call is sent again. Source: gRPC retry design (A6), with full jitter.
struct Repetition {
    private let retry: ChannelConfiguration.Retry
    private let policy: RetryPolicy?
    private let budget: RetryBudget
    private var attempts = 1
    private var unseen = 0

    /// How often a call is sent again that no server has seen: as good as always, but not for ever.
    private static let unseenMax = 32

    /// `policy` nil: only calls that no server has seen are sent again.
    init(_ retry: ChannelConfiguration.Retry, _ budget: RetryBudget, _ policy: RetryPolicy?) {
        self.retry = retry
        self.budget = budget
        self.policy = policy
    }

    /// Attempts that a server may have seen, before the next one.
    var previousAttempts: Int { attempts - 1 }

    /// The wait before the next attempt; nil when there shall be none. A call that the server certainly never saw is
    /// safe to send again whatever its method is; any other one only where the policy allows it, and the server does not
    /// object. A server that is overloaded (RESOURCE_EXHAUSTED) is asked again only if it said when, or the policy says so.
    mutating func waitAfter(_ error: RPCError) -> Duration? {
        if error.neverProcessed {
            guard unseen < Self.unseenMax, retry.attemptsMax > 1 else { return nil }
            defer { unseen += 1 }
            return unseen == 0 ? .zero : min(retry.wait, retry.waitMax) * Double.random(in: 0...1)
        }
        let isTold = error.code == .resourceExhausted && error.retryPushback != nil
        guard policy?.codes.contains(error.code) ?? (error.code == .unavailable) || isTold else { return nil }
        let isAffordable = budget.failed()
        guard isAffordable, let policy, attempts < policy.attemptsMax else { return nil }
        defer { attempts += 1 }
        switch error.retryPushback {
        case .never: return nil
        case .after(let wait): return wait
        case nil: return policy.waitMax(afterAttempts: attempts) * Double.random(in: 0...1)
        }
    }
}

extension RetryPolicy {
    /// The longest wait once so many attempts have failed.
    func waitMax(afterAttempts attempts: Int) -> Duration {
        var limit = wait
        for _ in 1..<attempts where limit < waitMax { limit = limit * multiplier }
        return min(limit, waitMax)
    }
}

extension ChannelConfiguration.Retry {
    /// What holds where the service configuration says nothing of a method.
    var policy: RetryPolicy { RetryPolicy(attemptsMax: attemptsMax, wait: wait, waitMax: waitMax) }
}
