import Synchronization

/// Suspends the writers of one call while too many of their bytes, or of their connection's, wait for the peer.
///
/// A call that has nothing waiting may always write, so that stalled calls do not stop the others.
final class SendGate: Sendable {
    fileprivate struct State {
        var waitingBytes = 0
        var over: RPCError?
        var budget: SendBudget?
        var writers: [Int: CheckedContinuation<RPCError?, Never>] = [:]
        var nextWriter = 0
    }

    private let state: Mutex<State>
    private let bytesMax: Int

    /// Writers go on once no more than `bytesMax` wait.
    init(bytesMax: Int, budget: SendBudget? = nil) {
        self.bytesMax = bytesMax
        state = Mutex(State(budget: budget))
    }

    /// Counts bytes that are about to be written. The writer has to ``wait()`` afterwards where ``isFull`` is true.
    func add(_ count: Int) throws(RPCError) {
        let over = state.withLock { state in
            state.waitingBytes += count
            return state.over
        }
        if let over { throw over }
    }

    /// The call goes on over another connection, where `count` bytes wait.
    func restart(_ count: Int, budget: SendBudget) {
        state.withLock { state in
            state.waitingBytes = count
            state.budget = budget
        }
        reconsider()
    }

    var isFull: Bool { state.withLock { !hasRoom($0) } }

    /// Bytes have left.
    func sent(_ count: Int) {
        let writers = state.withLock { state in
            state.waitingBytes -= count
            return hasRoom(state) ? state.takeWriters() : []
        }
        for writer in writers { writer.resume(returning: nil) }
    }

    /// There may be room now.
    func reconsider() { sent(0) }

    /// The call is over: waiting and later writers fail.
    func close(_ error: RPCError) {
        let writers = state.withLock { state in
            if state.over == nil { state.over = error }
            return state.takeWriters()
        }
        for writer in writers { writer.resume(returning: error) }
    }

    /// Suspends until there is room, the call is over or the task is cancelled.
    func wait() async throws(RPCError) {
        let key = state.withLock { state in
            state.nextWriter += 1
            return state.nextWriter
        }
        let error: RPCError? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer: RPCError?? = state.withLock { state in
                    if let over = state.over { return .some(over) }
                    if hasRoom(state) { return .some(nil) }
                    if Task.isCancelled { return .some(Self.cancelled) }
                    state.writers[key] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.writers.removeValue(forKey: key) }?.resume(returning: Self.cancelled)
        }
        if let error { throw error }
    }

    var waitingBytes: Int { state.withLock { $0.waitingBytes } }

    /// Asks the connection only where the call itself has room; if that has none, it will call ``reconsider()``.
    private func hasRoom(_ state: borrowing State) -> Bool {
        if state.waitingBytes <= 0 { return true }
        return state.waitingBytes <= bytesMax && state.budget?.block(self) != true
    }

    private static var cancelled: RPCError { RPCError(code: .cancelled, message: "the writing task was cancelled") }
}

extension SendGate.State {
    fileprivate mutating func takeWriters() -> [CheckedContinuation<RPCError?, Never>] {
        defer { writers = [:] }
        return Array(writers.values)
    }
}
