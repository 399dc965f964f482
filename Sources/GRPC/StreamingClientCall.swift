import Synchronization

/// A call that streams, either way or both, over the attempts that it takes.
///
/// What was sent is kept until the server shows that it has seen the call, or it is more than `replayBytesMax`: so long, a
/// server that certainly never saw it (REFUSED_STREAM, above GOAWAY's last id) is answered by another attempt elsewhere.
/// Source: gRPC, A6, "Transparent retries".
final class StreamingClientCall: Sendable {
    fileprivate struct State {
        var attempt: StreamingAttempt?
        /// What an attempt would have to send again; nil when there will be no other attempt.
        var replay: [[UInt8]]?
        var replayBytes = 0
        var isHalfClosed = false
        var isCancelled = false
        var initialMetadata: Metadata?
        var result: Result<Void, RPCError>?
        var waiting: [CheckedContinuation<Metadata, Never>] = []
        /// Why the last attempt was refused, until somebody looks at it.
        var refusal: RPCError?
        var supervisor: CheckedContinuation<RPCError?, Never>?
    }

    private let state: Mutex<State>
    private let replayBytesMax: Int
    let gate: SendGate
    let inbound = InboundMessages()
    let compression: Compression

    /// `replayBytesMax` 0: one attempt.
    init(sendBufferBytesMax: Int, replayBytesMax: Int, compression: Compression) {
        self.replayBytesMax = replayBytesMax
        self.compression = compression
        state = Mutex(State(replay: replayBytesMax > 0 ? [] : nil))
        gate = SendGate(bytesMax: sendBufferBytesMax)
    }

    // MARK: Attempts

    /// Makes an attempt: the first one, or one more after ``refused()``.
    func begin(_ head: ClientCall.Head, _ connection: ClientConnection) {
        let attempt = StreamingAttempt(self, head, connection)
        let (frames, halfClose, isCancelled) = state.withLock { state in
            if state.result == nil { state.attempt = attempt }
            let frames = state.replay ?? []
            gate.restart(frames.reduce(0) { $0 + $1.count }, budget: connection.budget)
            return (frames, state.isHalfClosed, state.isCancelled)
        }
        if isCancelled { attempt.cancel() }
        attempt.open(frames, halfClose: halfClose)
    }

    /// Suspends until an attempt was refused unseen and another one may be made, and says why; nil once the call is over.
    func refused() async -> RPCError? {
        await withCheckedContinuation { continuation in
            let answer: RPCError?? = state.withLock { state in
                if state.result != nil { return .some(nil) }
                if let refusal = state.refusal {
                    state.refusal = nil
                    return refusal
                }
                state.supervisor = continuation
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
        }
    }

    /// The attempt has ended. On its event loop.
    func ended(_ result: Result<Void, RPCError>) {
        if case .failure(let error) = result, error.neverProcessed, isRefused(error) { return }
        finish(result)
    }

    private func isRefused(_ error: RPCError) -> Bool {
        let (mayRepeat, supervisor): (Bool, CheckedContinuation<RPCError?, Never>?) = state.withLock { state in
            guard state.replay != nil, !state.isCancelled, state.result == nil else { return (false, nil) }
            state.attempt = nil
            if state.supervisor == nil { state.refusal = error }
            defer { state.supervisor = nil }
            return (true, state.supervisor)
        }
        supervisor?.resume(returning: error)
        return mayRepeat
    }

    /// The call is over.
    func finish(_ result: Result<Void, RPCError>) {
        let (isFirst, supervisor): (Bool, CheckedContinuation<RPCError?, Never>?) = state.withLock { state in
            guard state.result == nil else { return (false, nil) }
            state.result = result
            state.replay = nil
            state.attempt = nil
            defer { state.supervisor = nil }
            return (true, state.supervisor)
        }
        guard isFirst else { return }
        supervisor?.resume(returning: nil)
        receivedInitialMetadata(Metadata())
        var atOnce = false
        switch result {
        case .success: gate.close(RPCError(code: .cancelled, message: "the call is over"))
        case .failure(let error):
            gate.close(error)
            atOnce = error.code == .cancelled || error.code == .deadlineExceeded
        }
        inbound.finish(result, atOnce: atOnce)
    }

    // MARK: From the attempt, on its event loop

    func receivedInitialMetadata(_ metadata: Metadata) {
        let waiting = state.withLock { state in
            state.replay = nil
            if state.initialMetadata == nil { state.initialMetadata = metadata }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: metadata) }
    }

    func received(_ message: InboundMessage) { inbound.push(message) }

    private func taken(_ bytes: Int, isEmpty: Bool) { state.withLock { $0.attempt }?.taken(bytes, isEmpty: isEmpty) }

    // MARK: From the caller's task

    /// How the call ended; nil while it runs.
    var result: Result<Void, RPCError>? { state.withLock { $0.result } }

    /// Gives the call up.
    func cancel() {
        let (attempt, hasEnded) = state.withLock { state in
            state.isCancelled = true
            return (state.attempt, state.result != nil)
        }
        guard !hasEnded else { return }
        if let attempt {
            attempt.cancel()
        } else {
            finish(.failure(RPCError(code: .cancelled, message: "the call was cancelled")))
        }
    }

    /// Cancelling the task cancels the call.
    func next() async throws(RPCError) -> [UInt8]? {
        let outcome: InboundMessages.Outcome = await withTaskCancellationHandler {
            do throws(RPCError) { return .success(try await inbound.next(taken)) } catch { return .failure(error) }
        } onCancel: {
            cancel()
        }
        return try outcome.get()?.bytes
    }

    func initialMetadata() async -> Metadata {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let metadata = state.withLock { state in
                    if state.initialMetadata == nil { state.waiting.append(continuation) }
                    return state.initialMetadata
                }
                if let metadata { continuation.resume(returning: metadata) }
            }
        } onCancel: {
            cancel()
        }
    }

    /// Queues a framed message; suspends while the stream's buffer is over its bound.
    func send(_ framed: [UInt8]) async throws(RPCError) {
        let written: Result<StreamingAttempt?, RPCError> = state.withLock { state in
            do throws(RPCError) { try gate.add(framed.count) } catch { return .failure(error) }
            state.keep(framed, bytesMax: replayBytesMax)
            return .success(state.attempt)
        }
        try written.get()?.write(framed)
        if gate.isFull { try await gate.wait() }
    }

    func halfClose() {
        let attempt = state.withLock { state in
            state.isHalfClosed = true
            return state.attempt
        }
        attempt?.halfClose()
    }
}

extension StreamingClientCall.State {
    /// Keeps the message for another attempt; past the bound there will be none.
    fileprivate mutating func keep(_ framed: [UInt8], bytesMax: Int) {
        guard replay != nil else { return }
        replay?.append(framed)
        replayBytes += framed.count
        if replayBytes > bytesMax, attempt != nil { replay = nil }
    }
}
