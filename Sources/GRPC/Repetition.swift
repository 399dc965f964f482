/// When a failed call is sent again. Source: gRPC retry design (A6), with full jitter.
struct Repetition {
    private let retry: ChannelConfiguration.Retry
    private let mayBeRepeated: Bool
    private let budget: RetryBudget
    private var attempts = 1
    private var unseen = 0

    /// How often a call is sent again that no server has seen: as good as always, but not for ever.
    private static let unseenMax = 32

    init(_ retry: ChannelConfiguration.Retry, _ budget: RetryBudget, mayBeRepeated: Bool) {
        self.retry = retry
        self.budget = budget
        self.mayBeRepeated = mayBeRepeated
    }

    /// The wait before the next attempt; nil when there shall be none. A call that the server certainly never saw is
    /// safe to send again whatever its method is; any other one only where the method allows it, and the server does not
    /// object. A server that is overloaded (RESOURCE_EXHAUSTED) is asked again only if it said when.
    mutating func waitAfter(_ error: RPCError) -> Duration? {
        if error.neverProcessed {
            guard unseen < Self.unseenMax, retry.attemptsMax > 1 else { return nil }
            defer { unseen += 1 }
            return unseen == 0 ? .zero : min(retry.wait, retry.waitMax) * Double.random(in: 0...1)
        }
        let isTold = error.code == .resourceExhausted && error.retryPushback != nil
        guard error.code == .unavailable || isTold else { return nil }
        let isAffordable = budget.failed()
        guard isAffordable, mayBeRepeated, attempts < retry.attemptsMax else { return nil }
        defer { attempts += 1 }
        switch error.retryPushback {
        case .never: return nil
        case .after(let wait): return wait
        case nil:
            var limit = retry.wait
            for _ in 1..<attempts where limit < retry.waitMax { limit *= 2 }
            return min(limit, retry.waitMax) * Double.random(in: 0...1)
        }
    }
}
