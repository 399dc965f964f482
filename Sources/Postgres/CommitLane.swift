import Synchronization

/// Where callers line up whose transactions are committed as groups: one group at a time, made of those who came while the one
/// before it ran.
final class CommitLane: Sendable {
    /// Bounds what is rolled back and begun anew when a member fails, and how long locks are held.
    static let membersMax = 32

    /// As many wait as may.
    struct Full: Error {}

    private typealias Waiter = CheckedContinuation<TransactionGroup?, any Error>

    private struct Arrival {
        var number: UInt64
        var key: String
        var waiter: Waiter
    }

    private struct State {
        var isBusy = false
        var lastNumber: UInt64 = 0
        var waiting: [Arrival] = []

        /// The oldest that wait, of each key one.
        mutating func takeGroup() -> [Arrival] {
            var keys = Set<String>()
            var group: [Arrival] = []
            waiting.removeAll { arrival in
                guard group.count < membersMax, keys.insert(arrival.key).inserted else { return false }
                group.append(arrival)
                return true
            }
            return group
        }
    }

    private let waitersMax: Int
    private let state = Mutex(State())

    init(waitersMax: Int) {
        self.waitersMax = waitersMax
    }

    /// - Returns: `nil`: the lane is the caller's alone, until he advances it.
    /// - Throws: `Full`, or `CancellationError`.
    func join(_ key: String) async throws -> TransactionGroup? {
        let number = state.withLock { state -> UInt64 in
            state.lastNumber += 1
            return state.lastNumber
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let (isAlone, isFull) = state.withLock { state in
                    guard state.isBusy else {
                        state.isBusy = true
                        return (true, false)
                    }
                    guard state.waiting.count < waitersMax else { return (false, true) }
                    state.waiting.append(Arrival(number: number, key: key, waiter: waiter))
                    return (false, false)
                }
                if isAlone { waiter.resume(returning: nil) }
                if isFull { waiter.resume(throwing: Full()) }
                if Task.isCancelled { withdraw(number) }
            }
        } onCancel: {
            withdraw(number)
        }
    }

    private func withdraw(_ number: UInt64) {
        let waiter = state.withLock { state in
            state.waiting.firstIndex { $0.number == number }.map { state.waiting.remove(at: $0).waiter }
        }
        waiter?.resume(throwing: CancellationError())
    }

    /// Lets those go who have come meanwhile.
    func advance(_ pool: PostgresPool) {
        let arrivals = state.withLock { state in
            let group = state.takeGroup()
            state.isBusy = !group.isEmpty
            return group
        }
        guard arrivals.count > 1 else {
            arrivals.first?.waiter.resume(returning: nil)
            return
        }
        let group = TransactionGroup(pool, members: arrivals.count) { self.advance(pool) }
        for arrival in arrivals { arrival.waiter.resume(returning: group) }
    }
}
