import Protobuf

/// The methods that a server answers, by path.
public struct Router: Sendable {
    var routes: [String: any Route] = [:]
    var fallbackRoute: (any Route)?

    public init() {}

    /// Enters the handler of a unary method. Two handlers for one path are a programmer's mistake.
    ///
    /// Inlinable, so that decoding and encoding are compiled for the messages' types where those are known.
    @inlinable public mutating func unary<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) {
        unary(method) { (bytes, limits) throws(RPCError) in
            let request = try Request(received: bytes, limits: limits)
            return { context in
                try await handler(request, context).framed(context.settleCompression())
            }
        }
    }

    @usableFromInline mutating func unary(_ method: MethodDescriptor, _ decode: @escaping UnaryMethod) {
        enter(method, UnaryRoute(method: method, decode: decode))
    }

    /// Enters the handler of a method that answers with a stream.
    public mutating func serverStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (Request, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) {
        enter(method, StreamingRoute.serverStreaming(method, handler))
    }

    /// Enters the handler of a method that takes a stream.
    public mutating func clientStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ServerContext) async throws -> Response
    ) {
        enter(method, StreamingRoute.clientStreaming(method, handler))
    }

    /// Enters the handler of a method with streams both ways.
    public mutating func bidirectional<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) {
        enter(method, StreamingRoute.bidirectional(method, handler))
    }

    /// Enters the handler for every path that no other one has: a proxy's. It sees the undecoded bytes of each message,
    /// and a ``ServerContext`` whose method tells service and name from the path, with kind bidirectional and no types.
    public mutating func fallback(
        _ handler:
            @escaping @Sendable (RequestStream<[UInt8]>, ResponseWriter<[UInt8]>, ServerContext) async throws -> Void
    ) {
        precondition(fallbackRoute == nil, "a router has one fallback")
        fallbackRoute = StreamingRoute.raw(handler)
    }

    private mutating func enter(_ method: MethodDescriptor, _ route: any Route) {
        precondition(routes[method.path] == nil, "two handlers for \(method.path)")
        routes[method.path] = route
    }
}
