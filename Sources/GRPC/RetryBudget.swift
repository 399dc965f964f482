import Synchronization

/// Keeps a channel's repetitions from making an overload worse: tokens are spent by failures and come back slowly with
/// successes; while half of them are gone, nothing is repeated. Source: gRPC, A6, "Throttling".
final class RetryBudget: Sendable {
    private let throttling: RetryThrottling
    private let tokens: Mutex<Double>

    init(_ throttling: RetryThrottling) {
        self.throttling = throttling
        tokens = Mutex(throttling.tokensMax)
    }

    func succeeded() {
        tokens.withLock { $0 = min(throttling.tokensMax, $0 + throttling.tokensPerSuccess) }
    }

    /// A call failed in a way that asks for a repetition. Whether the channel may still afford it.
    func failed() -> Bool {
        tokens.withLock { tokens in
            tokens = max(0, tokens - 1)
            return tokens > throttling.tokensMax / 2
        }
    }

    /// Whether the channel may send more than one attempt of a call.
    var isAffordable: Bool { tokens.withLock { $0 > throttling.tokensMax / 2 } }
}
