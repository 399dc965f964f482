import HTTP2
import NIOCore
import NIOPosix
import Protobuf

/// One place where a ``Channel`` may connect.
public struct ServerAddress: Sendable, Hashable {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// `host:port`, `[::1]:port`. Nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard !host.isEmpty else { return nil }
        self.init(host: String(host), port: Int(port))
    }
}

/// A client's connections to the replicas of one server: calls go round robin over those that are ready.
public final class Channel: Sendable {
    /// `interceptors` wrap each call, the first one outermost.
    public init(
        addresses: [ServerAddress], configuration: ChannelConfiguration = ChannelConfiguration(),
        interceptors: [any ClientInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        fatalError("skeleton")
    }

    /// Lets no further call begin, cancels the open ones and closes the connections.
    public func close() async { fatalError("skeleton") }
}

extension Channel {
    /// One request, one answer.
    public func unary<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
    ) async throws(RPCError) -> Response { fatalError("skeleton") }

    /// One request, a stream of answers. The call begins when the stream is first read.
    public func serverStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ request: Request, _ options: CallOptions = CallOptions()
    ) -> ResponseStream<Response> { fatalError("skeleton") }

    /// A stream of requests, one answer. The call half-closes when `send` returns, and is cancelled when it throws.
    public func clientStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ send: (RequestWriter<Request>) async throws -> Void
    ) async throws -> Response { fatalError("skeleton") }

    /// Streams both ways. The call is cancelled when `body` ends before the answers do.
    public func bidirectional<Request: Message, Response: Message, Result>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ body: (RequestWriter<Request>, ResponseStream<Response>) async throws -> Result
    ) async throws -> Result { fatalError("skeleton") }

    /// A unary call on undecoded bytes.
    public func unaryRaw(
        _ method: MethodDescriptor, _ request: [UInt8], _ options: CallOptions = CallOptions()
    ) async throws(RPCError) -> [UInt8] { fatalError("skeleton") }

    /// A call of any kind on undecoded bytes, for a proxy: each element is one message.
    public func raw<Result>(
        _ method: MethodDescriptor, _ options: CallOptions = CallOptions(),
        _ body: (RequestWriter<[UInt8]>, ResponseStream<[UInt8]>) async throws -> Result
    ) async throws -> Result { fatalError("skeleton") }
}
