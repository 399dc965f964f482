import Synchronization

/// Unary calls of which several attempts run at once.
extension Channel {
    private enum Event: Sendable {
        case ended(HedgedAttempt, Result<[UInt8], RPCError>)
        case waited(Int)
    }

    /// Makes attempts as the policy says; the first success, or the first failure that the policy does not pass over, is the
    /// call's. The others are cancelled.
    func hedged(_ head: ClientCallHead, _ framed: [UInt8], _ policy: HedgingPolicy) async throws(RPCError) -> [UInt8] {
        let result = await withTaskGroup(of: Event.self) { group in
            var hedging = Hedging(policy, retryBudget)
            var attempts = 0
            func act(_ action: Hedging.Action) {
                switch action {
                case .none, .end: break
                case .wait(let wait, let delay):
                    group.addTask {
                        try? await Task.sleep(for: wait)
                        return .waited(delay)
                    }
                case .attempt:
                    let attempt = HedgedAttempt(head, previous: attempts)
                    attempts += 1
                    group.addTask { .ended(attempt, await self.run(attempt, framed)) }
                    act(hedging.began())
                }
            }
            act(.attempt)
            defer { group.cancelAll() }
            while let event = await group.next() {
                switch event {
                case .waited(let delay): act(hedging.waited(delay: delay))
                case .ended(let attempt, .success(let bytes)):
                    retryBudget.succeeded()
                    attempt.deliver()
                    return Result<[UInt8], RPCError>.success(bytes)
                case .ended(let attempt, .failure(let error)):
                    let action = hedging.failed(error)
                    act(action)
                    if action == .end {
                        attempt.deliver()
                        return .failure(error)
                    }
                }
            }
            return .failure(RPCError(code: .cancelled, message: "the call was cancelled"))
        }
        return try result.get()
    }

    private func run(_ attempt: HedgedAttempt, _ framed: [UInt8]) async -> Result<[UInt8], RPCError> {
        do throws(RPCError) {
            let connection = try await connection(for: attempt.head)
            return .success(try await UnaryClientCall(self.attempt(attempt.head, attempt.previous), connection).run(framed))
        } catch {
            return .failure(error)
        }
    }
}

/// One of the attempts, which keeps the metadata that came with it until it is the one that counts.
private final class HedgedAttempt: Sendable {
    let head: ClientCallHead
    let previous: Int
    private let options: CallOptions
    private let received: Received

    private final class Received: Sendable {
        let metadata = Mutex<(initial: Metadata?, trailing: Metadata?)>((nil, nil))
    }

    init(_ head: ClientCallHead, previous: Int) {
        let received = Received()
        var own = head
        own.options.onInitialMetadata = { metadata in received.metadata.withLock { $0.initial = metadata } }
        own.options.onTrailingMetadata = { metadata in received.metadata.withLock { $0.trailing = metadata } }
        options = head.options
        self.head = own
        self.previous = previous
        self.received = received
    }

    /// Tells the caller what came.
    func deliver() {
        let (initial, trailing) = received.metadata.withLock { $0 }
        if let initial { options.onInitialMetadata?(initial) }
        if let trailing { options.onTrailingMetadata?(trailing) }
    }
}
