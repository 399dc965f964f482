import NIOCore
import Synchronization

/// One message of a stream, inflated.
struct InboundMessage: Sendable {
    let bytes: [UInt8]
    let wasCompressed: Bool
}

/// The messages of one call that have arrived and wait for their reader.
///
/// Filled on the event loop, read by one task anywhere.
final class InboundMessages: Sendable {
    typealias Outcome = Result<InboundMessage?, RPCError>
    /// Unchecked: a checked one is an object more for each message. It is taken out of the state before it is resumed.
    private typealias Reader = UnsafeContinuation<Outcome, Never>

    private struct State {
        var queue = CircularBuffer<InboundMessage>()
        var reader: Reader?
        /// How the stream ended: nil in the middle, then success or the call's error.
        var end: Result<Void, RPCError>?
    }

    private let state = Mutex(State())

    /// Hands the message to the waiting reader, or queues it.
    func push(_ message: InboundMessage) {
        let reader: Reader? = state.withLock { state in
            guard state.end == nil, let reader = state.reader else {
                if state.end == nil { state.queue.append(message) }
                return nil
            }
            state.reader = nil
            return reader
        }
        reader?.resume(returning: .success(message))
    }

    /// No further message comes. With `atOnce` what is queued is dropped. The first call counts.
    func finish(_ end: Result<Void, RPCError>, atOnce: Bool = false) {
        let reader: Reader? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.end = end
            if atOnce { state.queue.removeAll() }
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: end.map { nil })
    }

    /// The next message; nil at the end. `onTaken` is told the size of a message that left the queue, and whether the queue
    /// is now empty.
    nonisolated(nonsending) func next(_ onTaken: (_ bytes: Int, _ isEmpty: Bool) -> Void) async throws(RPCError)
        -> InboundMessage?
    {
        if let outcome = take(onTaken) { return try outcome.get() }
        let outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                if let outcome = take(onTaken, orWait: continuation) { continuation.resume(returning: outcome) }
            }
        } onCancel: {
            cancelReader()
        }
        return try outcome.get()
    }

    /// True while complete messages wait.
    var isEmpty: Bool { state.withLock { $0.queue.isEmpty } }

    private func take(
        _ onTaken: (_ bytes: Int, _ isEmpty: Bool) -> Void, orWait reader: Reader? = nil
    ) -> Outcome? {
        let (outcome, isEmpty): (Outcome?, Bool) = state.withLock { state in
            if let message = state.queue.popFirst() { return (.success(message), state.queue.isEmpty) }
            if let end = state.end { return (end.map { nil }, true) }
            if let reader {
                precondition(state.reader == nil, "a stream has one reader")
                if Task.isCancelled {
                    return (.failure(RPCError(code: .cancelled, message: "the reading task was cancelled")), true)
                }
                state.reader = reader
            }
            return (nil, true)
        }
        if case .success(let message?) = outcome { onTaken(message.bytes.count, isEmpty) }
        return outcome
    }

    private func cancelReader() {
        let reader = state.withLock { state in
            defer { state.reader = nil }
            return state.reader
        }
        reader?.resume(returning: .failure(RPCError(code: .cancelled, message: "the reading task was cancelled")))
    }
}
