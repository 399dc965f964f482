import WallTime

/// C33: how long who waited in a conversation. They only grow, with the change that ends a wait; what still runs is counted from
/// the times that stand in the conversation.
struct ChatClocks: Hashable, Sendable {
    /// In queue or offered, over all stays that have ended.
    var queueWait: Duration = .zero
    /// Where the first response is counted from: a conversation that we began has none until the customer writes (C38).
    var firstCustomer: Instant?
    var firstResponse: Duration?
    /// How often a human answered a customer who waited, how long those waits were together, and the longest.
    var answers: Int32 = 0
    var answerWait: Duration = .zero
    var answerWaitMax: Duration = .zero
    /// How long it waited for the customer, in turns that have ended.
    var customerWait: Duration = .zero
}

extension ChatClocks {
    /// It leaves a state of the queue.
    mutating func leftQueue(after wait: Duration) { queueWait += max(.zero, wait) }

    /// The customer takes the turn.
    /// - Parameter since: when the turn became his; `nil`: it was not his.
    mutating func customerWrote(at now: Instant, waitedFor since: Instant?) {
        if firstCustomer == nil { firstCustomer = now }
        endCustomersTurn(since, at: now)
    }

    /// A human answers.
    /// - Parameter since: when the customer began to wait; `nil`: he did not.
    mutating func answered(at now: Instant, waitingSince since: Instant?) {
        guard let since, let firstCustomer else { return }
        let wait = max(.zero, since.duration(to: now))
        answers += 1
        answerWait += wait
        answerWaitMax = max(answerWaitMax, wait)
        if firstResponse == nil { firstResponse = max(.zero, firstCustomer.duration(to: now)) }
    }

    /// It ends while it waits for the customer.
    mutating func endCustomersTurn(_ since: Instant?, at now: Instant) {
        guard let since else { return }
        customerWait += max(.zero, since.duration(to: now))
    }
}
