import HTTP2

/// One attempt of a unary call: a framed request out, one message back.
final class UnaryClientCall: ClientCall, @unchecked Sendable {
    typealias Outcome = Result<[UInt8], RPCError>

    @exclusivity(unchecked) private var response: [UInt8]?
    /// Unchecked: a checked one is an object more for each call. `finished` is called once.
    @exclusivity(unchecked) private var continuation: UnsafeContinuation<Outcome, Never>?

    /// Sends the request and waits for the answer. From anywhere; cancelling the task cancels the call.
    nonisolated(nonsending) func run(_ framed: [UInt8]) async throws(RPCError) -> [UInt8] {
        let outcome: Outcome = await withTaskCancellationHandler {
            await withUnsafeContinuation { continuation in
                connection.executor.perform { [self] in begin(framed, continuation) }
            }
        } onCancel: {
            cancel()
        }
        return try outcome.get()
    }

    private func begin(_ framed: [UInt8], _ continuation: UnsafeContinuation<Outcome, Never>) {
        guard !isOver else {
            return continuation.resume(returning: .failure(RPCError(code: .cancelled, message: "the call was cancelled")))
        }
        self.continuation = continuation
        start()
        stream?.write(framed)
        stream?.end()
    }

    override func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {
        guard response == nil else {
            throw RPCError(code: .unimplemented, message: "a unary method answers one message, the server sent more")
        }
        response = Array(message)
    }

    override func finished(_ result: Result<Void, RPCError>) {
        let outcome: Outcome
        switch (result, response) {
        case (.failure(let error), _): outcome = .failure(error)
        case (.success, let response?): outcome = .success(response)
        case (.success, nil):
            outcome = .failure(
                RPCError(code: .unimplemented, message: "a unary method answers one message, the server sent none"))
        }
        continuation?.resume(returning: outcome)
        continuation = nil
    }
}
