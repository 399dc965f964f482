import HTTP2
import NIOCore
import NIOPosix
import Protobuf

/// A client's connections to the replicas of one server: calls go round robin over those that are ready, or as
/// ``ChannelConfiguration/loadBalancing`` says.
///
/// The first call connects. A connection that ends is made again, with backoff where that fails.
public final class Channel: Sendable {
    let configuration: ChannelConfiguration
    let interceptors: [any ClientInterceptor]
    let pool: ConnectionPool
    let decodingLimits: DecodingLimits
    let retryBudget: RetryBudget

    /// `interceptors` wrap each call, the first one outermost.
    public init(
        target: Target, configuration: ChannelConfiguration = ChannelConfiguration(),
        interceptors: [any ClientInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.configuration = configuration
        self.interceptors = interceptors
        pool = ConnectionPool(target, configuration, eventLoopGroup)
        decodingLimits = .messages(upTo: configuration.responseBytesMax)
        retryBudget = RetryBudget(configuration.service?.throttling ?? configuration.retry.throttling)
    }

    /// A channel to these addresses, at least one.
    public convenience init(
        addresses: [ServerAddress], configuration: ChannelConfiguration = ChannelConfiguration(),
        interceptors: [any ClientInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        self.init(
            target: .addresses(addresses), configuration: configuration, interceptors: interceptors,
            eventLoopGroup: eventLoopGroup)
    }

    /// Lets no further call begin, ends the open ones with UNAVAILABLE and closes the connections.
    public func close() async { await pool.close() }
}

extension Channel {
    /// One request, one answer.
    nonisolated(nonsending) public func unary<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Response {
        let bytes = try await unary(method, framed: request.framed(options.compression), options)
        return try Response(received: bytes, limits: decodingLimits)
    }

    /// A unary call on undecoded bytes.
    nonisolated(nonsending) public func unaryRaw(
        _ method: MethodDescriptor, _ request: [UInt8], _ options: CallOptions = CallOptions()
    ) async throws(RPCError) -> [UInt8] {
        try await unary(method, framed: MessageFrame.frame(request, options.compression), options)
    }

    /// One request, a stream of answers. The call begins when the stream is first read; until its first answer it is
    /// repeated like a unary one.
    public func serverStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
    ) -> ResponseStream<Response> {
        let head = head(method, options)
        let call = ServerStreamingCall(self, head, framed: request.framed(options.compression))
        return ResponseStream(call: DecodedResponses(call, decodingLimits))
    }

    /// A stream of requests, one answer. The call half-closes when `send` returns, and is cancelled when it throws.
    public func clientStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ send: (RequestWriter<Request>) async throws -> Void
    ) async throws -> Response {
        try await streaming(method, options) { call in
            do {
                try await send(call.writer())
                call.halfClose()
            } catch {
                // A server may answer before it has heard everything.
                guard case .success = call.result else { throw error }
            }
            guard let bytes = try await call.next() else {
                throw RPCError(code: .unimplemented, message: "the method answers one message, the server sent none")
            }
            guard try await call.next() == nil else {
                throw RPCError(code: .unimplemented, message: "the method answers one message, the server sent more")
            }
            return try Response(received: bytes, limits: decodingLimits)
        }
    }

    /// Streams both ways. The call is cancelled when `body` ends before the answers do.
    public func bidirectional<Request: Message, Response: Message, Result>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
    ) async throws -> Result {
        try await streaming(method, options) { call in
            try await body(call.writer(), ResponseStream(call: DecodedResponses(call, decodingLimits)))
        }
    }

    /// A call of any kind on undecoded bytes, for a proxy: each element is one message. The call is cancelled when `body`
    /// ends before the answers do.
    public func raw<Result>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ body: (RequestWriter<[UInt8]>, ResponseStream<[UInt8]>) async throws -> Result
    ) async throws -> Result {
        try await streaming(method, options) { call in
            try await body(call.rawWriter(), ResponseStream(call: RawResponses(call)))
        }
    }
}
