import Protobuf

/// A handler with its types, behind one face.
protocol Route: Sendable {
    var method: MethodDescriptor? { get }
}

struct UnaryRoute<Request: Message, Response: Message>: Route {
    let method: MethodDescriptor?
    let handler: @Sendable (Request, ServerContext) async throws -> Response
}

struct StreamingRoute: Route {
    let method: MethodDescriptor?

    static func serverStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (Request, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) -> StreamingRoute { StreamingRoute(method: method) }

    static func clientStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ServerContext) async throws -> Response
    ) -> StreamingRoute { StreamingRoute(method: method) }

    static func bidirectional<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) -> StreamingRoute { StreamingRoute(method: method) }

    static func raw(
        _ handler: @escaping @Sendable (RequestStream<[UInt8]>, ResponseWriter<[UInt8]>, ServerContext) async throws -> Void
    ) -> StreamingRoute { StreamingRoute(method: nil) }
}
