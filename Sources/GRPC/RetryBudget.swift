import Synchronization

/// Keeps a channel's repetitions from making an overload worse: tokens are spent by failures and come back slowly with
/// successes; while half of them are gone, nothing is repeated. Source: gRPC, A6, "Throttling".
final class RetryBudget: Sendable {
    private let retry: ChannelConfiguration.Retry
    private let tokens: Mutex<Double>

    init(_ retry: ChannelConfiguration.Retry) {
        self.retry = retry
        tokens = Mutex(retry.tokensMax)
    }

    func succeeded() {
        tokens.withLock { $0 = min(retry.tokensMax, $0 + retry.tokensPerSuccess) }
    }

    /// A call failed in a way that asks for a repetition. Whether the channel may still afford it.
    func failed() -> Bool {
        tokens.withLock { tokens in
            tokens = max(0, tokens - 1)
            return tokens > retry.tokensMax / 2
        }
    }
}
