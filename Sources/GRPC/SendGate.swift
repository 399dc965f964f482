import Synchronization

/// Suspends the writers of one call while too many of their bytes wait for the peer.
final class SendGate: Sendable {
    fileprivate struct State {
        var waitingBytes = 0
        var over: RPCError?
        var writers: [Int: CheckedContinuation<RPCError?, Never>] = [:]
        var nextWriter = 0
    }

    private let state = Mutex(State())
    private let bytesMax: Int

    /// Writers go on once no more than `bytesMax` wait.
    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Counts bytes that are about to be written. True when the writer has to ``wait()`` afterwards.
    func add(_ count: Int) throws(RPCError) -> Bool {
        let (over, isFull): (RPCError?, Bool) = state.withLock { state in
            state.waitingBytes += count
            return (state.over, state.waitingBytes > bytesMax)
        }
        if let over { throw over }
        return isFull
    }

    /// Bytes have left.
    func sent(_ count: Int) {
        let writers = state.withLock { state in
            state.waitingBytes -= count
            return state.waitingBytes <= bytesMax ? state.takeWriters() : []
        }
        for writer in writers { writer.resume(returning: nil) }
    }

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
                    if state.waitingBytes <= bytesMax { return .some(nil) }
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

    private static var cancelled: RPCError { RPCError(code: .cancelled, message: "the writing task was cancelled") }
}

extension SendGate.State {
    fileprivate mutating func takeWriters() -> [CheckedContinuation<RPCError?, Never>] {
        defer { writers = [:] }
        return Array(writers.values)
    }
}
