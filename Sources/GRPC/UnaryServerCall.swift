import HTTP2
import Protobuf

/// A unary method without its types: decodes a request into what answers it.
@usableFromInline typealias UnaryMethod =
    @Sendable (_ bytes: UnsafeRawBufferPointer, _ limits: DecodingLimits) throws(RPCError) -> UnaryAnswer

/// Answers one request with the framed response.
@usableFromInline typealias UnaryAnswer = nonisolated(nonsending) @Sendable (ServerContext) async throws -> [UInt8]

/// A unary call: one message decoded straight from the connection's bytes, one task, one answer.
final class UnaryServerCall: ServerCall, @unchecked Sendable {
    private let decode: UnaryMethod
    private var answer: UnaryAnswer?
    private var isAnswering = false

    init(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext, _ compression: Compression,
        _ decode: @escaping UnaryMethod
    ) {
        self.decode = decode
        super.init(stream, connection, context, compression)
    }

    override var isAwaitingBytes: Bool { !isAnswering }

    override func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {
        guard answer == nil else {
            throw RPCError(code: .unimplemented, message: "a unary method takes one message, the client sent more")
        }
        answer = try decode(message, connection.core.decodingLimits)
        if wasCompressed { context.requestWasCompressed = true }
    }

    override func receivedAll() {
        guard answer != nil else {
            return fail(RPCError(code: .unimplemented, message: "a unary method takes one message, the client sent none"))
        }
        isAnswering = true
        launch()
    }

    nonisolated(nonsending) override func handle() async throws {
        guard let answer else { return }
        send(try await answer(context))
    }

    /// From the handler's task.
    private func send(_ framed: [UInt8]) {
        guard isOnLoop else { return onLoop { self.send(framed) } }
        guard framed.count - MessageFrame.prefixBytes <= connection.core.configuration.responseBytesMax else {
            return fail(RPCError(code: .resourceExhausted, message: "the answer is larger than the server may send"))
        }
        write(framed)
        succeed()
    }
}
