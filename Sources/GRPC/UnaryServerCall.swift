import HTTP2
import Protobuf

/// A unary call: one message decoded straight from the connection's bytes, one task, one answer.
final class UnaryServerCall<Request: Message, Response: Message>: ServerCall, @unchecked Sendable {
    private let handler: @Sendable (Request, ServerContext) async throws -> Response
    private var request: Request?
    private var isAnswering = false

    init(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression,
        handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) {
        self.handler = handler
        super.init(stream, connection, context, compression)
    }

    override var isAwaitingBytes: Bool { !isAnswering }

    override func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {
        guard request == nil else {
            throw RPCError(code: .unimplemented, message: "a unary method takes one message, the client sent more")
        }
        request = try Request(received: message, limits: connection.core.decodingLimits)
        if wasCompressed { context.requestWasCompressed = true }
    }

    override func receivedAll() {
        guard let request else {
            return fail(RPCError(code: .unimplemented, message: "a unary method takes one message, the client sent none"))
        }
        isAnswering = true
        launch { [self] in
            if connection.core.interceptors.isEmpty {
                answer(try await handler(request, context))
            } else {
                try await intercepted { answer(try await handler(request, context)) }
            }
        }
    }

    private func answer(_ response: Response) {
        let framed = response.framed(context.settleCompression())
        if connection.executor.eventLoop.inEventLoop {
            answer(framed)
        } else {
            onLoop { self.answer(framed) }
        }
    }

    private func answer(_ framed: [UInt8]) {
        guard framed.count - MessageFrame.prefixBytes <= connection.core.configuration.responseBytesMax else {
            return fail(RPCError(code: .resourceExhausted, message: "the answer is larger than the server may send"))
        }
        write(framed)
        succeed()
    }
}
