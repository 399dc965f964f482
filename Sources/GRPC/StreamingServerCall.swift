import HTTP2
import Protobuf

/// A call of one of the streaming kinds, or one that passes through undecoded.
final class StreamingServerCall: ServerCall, @unchecked Sendable {
    typealias Body = @Sendable (StreamingServerCall) async throws -> Void

    private let body: Body
    private let inbound: InboundMessages
    private let gate: SendGate
    /// Received bytes whose credit waits until the messages before them are taken.
    private let credit: StreamCredit

    init(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: MessageDecoding.Compression, body: @escaping Body
    ) {
        self.body = body
        let credit = StreamCredit(stream, connection.executor)
        self.credit = credit
        inbound = InboundMessages { bytes, isEmpty in credit.taken(bytes, isEmpty: isEmpty) }
        gate = SendGate(bytesMax: connection.core.configuration.http2.sendBufferBytesMax)
        super.init(stream, connection, context, compression)
    }

    override func begin() {
        launch { [self] in
            try await intercepted {
                try await body(self)
                onLoop { self.succeed() }
            }
        }
    }

    override func received(_ message: UnsafeRawBufferPointer) throws(RPCError) {
        _ = inbound.push(Array(message))
    }

    override func arrived(_ count: Int) { credit.arrived(count, queueIsEmpty: inbound.isEmpty) }

    override func receivedAll() { inbound.finish(.success(())) }

    override func aborted(_ error: RPCError) {
        inbound.finish(.failure(error), atOnce: true)
        gate.close(error)
    }

    override func sent(_ count: Int) { gate.sent(count) }

    // MARK: From the handler's task

    func nextRequest() async throws(RPCError) -> [UInt8]? { try await inbound.next() }

    /// The one request of a server-streaming method.
    func onlyRequest<Request: Message>() async throws(RPCError) -> Request {
        guard let bytes = try await inbound.next() else {
            throw RPCError(code: .unimplemented, message: "the method takes one message, the client sent none")
        }
        guard try await inbound.next() == nil else {
            throw RPCError(code: .unimplemented, message: "the method takes one message, the client sent more")
        }
        return try Request(received: bytes, limits: connection.core.decodingLimits)
    }

    /// Sends a framed message; suspends while the stream's buffer is over its bound.
    func send(_ framed: [UInt8]) async throws(RPCError) {
        guard framed.count - MessageFrame.prefixBytes <= connection.core.configuration.responseBytesMax else {
            throw RPCError(code: .resourceExhausted, message: "the answer is larger than the server may send")
        }
        let isFull = try gate.add(framed.count)
        onLoop { self.write(framed) }
        if isFull { try await gate.wait() }
    }

    func requests<Request: Message>() -> RequestStream<Request> {
        let limits = connection.core.decodingLimits
        return RequestStream { () throws(RPCError) in
            guard let bytes = try await self.inbound.next() else { return nil }
            return try Request(received: bytes, limits: limits)
        }
    }

    func responses<Response: Message>() -> ResponseWriter<Response> {
        ResponseWriter { response throws(RPCError) in
            try await self.send(response.withSerialized { MessageFrame.frame($0) })
        }
    }

    func rawRequests() -> RequestStream<[UInt8]> {
        RequestStream { () throws(RPCError) in try await self.inbound.next() }
    }

    func rawResponses() -> ResponseWriter<[UInt8]> {
        ResponseWriter { message throws(RPCError) in try await self.send(MessageFrame.frame(message)) }
    }
}
