/// When the attempts of a hedged call are made, and which of them ends it. A value that says what is to be done next.
struct Hedging {
    enum Action: Equatable {
        /// Makes the next attempt now, and arms the delay after it.
        case attempt
        /// Makes the next attempt after this wait, unless something happens before. `delay` tells it from earlier ones.
        case wait(Duration, delay: Int)
        /// Waits for what is under way.
        case none
        /// The call is over, with what came last.
        case end
    }

    private let policy: HedgingPolicy
    private let budget: RetryBudget
    private var sent = 0
    private var open = 0
    private var delay = 0
    private var isWaiting = false
    private var isStopped = false

    init(_ policy: HedgingPolicy, _ budget: RetryBudget) {
        self.policy = policy
        self.budget = budget
    }

    /// An attempt was made; returns the wait before the next one.
    mutating func began() -> Action {
        sent += 1
        open += 1
        return sent < policy.attemptsMax ? arm(policy.delay) : .none
    }

    /// A wait is over.
    mutating func waited(delay: Int) -> Action {
        guard delay == self.delay, isWaiting else { return .none }
        isWaiting = false
        guard mayGoOn else { return open == 0 ? .end : .none }
        return .attempt
    }

    /// An attempt failed.
    mutating func failed(_ error: RPCError) -> Action {
        open -= 1
        guard error.neverProcessed || policy.nonFatalCodes.contains(error.code) else { return .end }
        if !error.neverProcessed { _ = budget.failed() }
        isWaiting = false
        delay += 1
        if error.retryPushback == .never { isStopped = true }
        guard mayGoOn else { return open == 0 ? .end : .none }
        if case .after(let wait) = error.retryPushback { return arm(wait) }
        return .attempt
    }

    private var mayGoOn: Bool { !isStopped && sent < policy.attemptsMax && budget.isAffordable }

    private mutating func arm(_ wait: Duration) -> Action {
        delay += 1
        isWaiting = true
        return .wait(wait, delay: delay)
    }
}
