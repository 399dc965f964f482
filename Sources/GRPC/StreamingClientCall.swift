import HTTP2
import Synchronization

/// One attempt of a call that streams, either way or both.
final class StreamingClientCall: ClientCall, @unchecked Sendable {
    private struct State {
        var initialMetadata: Metadata?
        var result: Result<Void, RPCError>?
        var waiting: [CheckedContinuation<Metadata, Never>] = []
    }

    private let state = Mutex(State())
    private let gate: SendGate
    private let credit: LateCredit
    private let inbound: InboundMessages

    /// The credit of a stream that is not open yet.
    private final class LateCredit: @unchecked Sendable {
        /// Set on the event loop, before anything arrives.
        var credit: StreamCredit?
    }

    init(_ head: Head, _ connection: ClientConnection, sendBufferBytesMax: Int) {
        gate = SendGate(bytesMax: sendBufferBytesMax)
        let credit = LateCredit()
        self.credit = credit
        inbound = InboundMessages { bytes, isEmpty in credit.credit?.taken(bytes, isEmpty: isEmpty) }
        super.init(head, connection)
    }

    /// Opens the stream. From anywhere.
    func open() {
        connection.executor.perform { [self] in
            start()
            if let stream { credit.credit = StreamCredit(stream, connection.executor) }
        }
    }

    override func receivedInitialMetadata(_ metadata: Metadata) { tell(metadata) }

    override func received(_ message: UnsafeRawBufferPointer) throws(RPCError) {
        _ = inbound.push(Array(message))
    }

    override func arrived(_ count: Int) { credit.credit?.arrived(count, queueIsEmpty: inbound.isEmpty) }

    override func sent(_ count: Int) { gate.sent(count) }

    override func finished(_ result: Result<Void, RPCError>) {
        state.withLock { $0.result = result }
        tell(Metadata())
        var atOnce = false
        switch result {
        case .success: gate.close(RPCError(code: .cancelled, message: "the call is over"))
        case .failure(let error):
            gate.close(error)
            atOnce = error.code == .cancelled || error.code == .deadlineExceeded
        }
        inbound.finish(result, atOnce: atOnce)
    }

    private func tell(_ metadata: Metadata) {
        let waiting = state.withLock { state in
            if state.initialMetadata == nil { state.initialMetadata = metadata }
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume(returning: metadata) }
    }

    // MARK: From the caller's task

    /// How the call ended; nil while it runs.
    var result: Result<Void, RPCError>? { state.withLock { $0.result } }

    /// Cancelling the task cancels the call.
    func next() async throws(RPCError) -> [UInt8]? {
        let outcome: InboundMessages.Outcome = await withTaskCancellationHandler {
            do throws(RPCError) { return .success(try await inbound.next()) } catch { return .failure(error) }
        } onCancel: {
            cancel()
        }
        return try outcome.get()
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
        let isFull = try gate.add(framed.count)
        connection.executor.perform { [self] in stream?.write(framed) }
        if isFull { try await gate.wait() }
    }

    func halfClose() {
        connection.executor.perform { [self] in stream?.end() }
    }
}
