import HTTP2
import Protobuf

/// A call of one of the streaming kinds, or one that passes through undecoded.
final class StreamingServerCall: ServerCall, @unchecked Sendable {
    typealias Body = @Sendable (StreamingServerCall) async throws -> Void

    private let body: Body
    private let inbound = InboundMessages()
    private let gate: SendGate
    /// Received bytes whose credit waits until the messages before them are taken.
    private let credit: StreamCredit

    init(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression, body: @escaping Body
    ) {
        self.body = body
        credit = StreamCredit(stream, connection.executor)
        gate = SendGate(
            bytesMax: connection.core.configuration.http2.sendBufferBytesMax, budget: connection.budget)
        super.init(stream, connection, context, compression)
    }

    override func begin() {
        context.onEndsAtDrain { [self] in
            onLoop { self.connection.endsAtDrain(self) }
        }
        launch()
    }

    nonisolated(nonsending) override func handle() async throws {
        try await body(self)
        onLoop { self.succeed() }
    }

    override func received(_ message: UnsafeRawBufferPointer, wasCompressed: Bool) throws(RPCError) {
        inbound.push(InboundMessage(bytes: Array(message), wasCompressed: wasCompressed))
    }

    /// Not while messages wait: then the handler is slow, and the client may be held up by flow control.
    override var isAwaitingBytes: Bool { super.isAwaitingBytes && inbound.isEmpty }

    override func arrived(_ count: Int) { credit.arrived(count, queueIsEmpty: inbound.isEmpty) }

    override func receivedAll() { inbound.finish(.success(())) }

    override func aborted(_ error: RPCError) {
        context.onEndsAtDrain(nil)
        inbound.finish(.failure(error), atOnce: true)
        gate.close(error)
    }

    override func sent(_ count: Int) { gate.sent(count) }

    // MARK: From the handler's task

    nonisolated(nonsending) func nextRequest() async throws(RPCError) -> [UInt8]? {
        guard let message = try await inbound.next(credit.taken) else { return nil }
        if message.wasCompressed != context.requestWasCompressed { context.requestWasCompressed = message.wasCompressed }
        return message.bytes
    }

    /// The one request of a server-streaming method.
    func onlyRequest<Request: Message>() async throws(RPCError) -> Request {
        guard let bytes = try await nextRequest() else {
            throw RPCError(code: .unimplemented, message: "the method takes one message, the client sent none")
        }
        guard try await nextRequest() == nil else {
            throw RPCError(code: .unimplemented, message: "the method takes one message, the client sent more")
        }
        return try Request(received: bytes, limits: connection.core.decodingLimits)
    }

    /// Sends a framed message; suspends while the stream's buffer is over its bound.
    nonisolated(nonsending) func send(_ framed: [UInt8]) async throws(RPCError) {
        guard framed.count - MessageFrame.prefixBytes <= connection.core.configuration.responseBytesMax else {
            throw RPCError(code: .resourceExhausted, message: "the answer is larger than the server may send")
        }
        try gate.add(framed.count)
        if isOnLoop { write(framed) } else { onLoop { self.write(framed) } }
        if gate.isFull { try await gate.wait() }
    }

    func requests<Request: Message>() -> RequestStream<Request> {
        let limits = connection.core.decodingLimits
        return RequestStream { () throws(RPCError) in
            guard let bytes = try await self.nextRequest() else { return nil }
            return try Request(received: bytes, limits: limits)
        }
    }

    func responses<Response: Message>() -> ResponseWriter<Response> {
        ResponseWriter { (response, compressed) throws(RPCError) in
            try await self.send(response.framed(compressed ? self.context.settleCompression() : .identity))
        }
    }

    func rawRequests() -> RequestStream<[UInt8]> {
        RequestStream { () throws(RPCError) in try await self.nextRequest() }
    }

    func rawResponses() -> ResponseWriter<[UInt8]> {
        ResponseWriter { (message, compressed) throws(RPCError) in
            try await self.send(MessageFrame.frame(message, compressed ? self.context.settleCompression() : .identity))
        }
    }
}
