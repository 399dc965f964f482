import GoogleProtobuf
import HTTP2
import Protobuf

/// A handler with its types, behind one face.
protocol Route: Sendable {
    /// Nil for the fallback, which learns its method from the path.
    var method: MethodDescriptor? { get }

    func makeCall(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression
    ) -> ServerCall
}

struct UnaryRoute: Route {
    let method: MethodDescriptor?
    let decode: UnaryMethod

    func makeCall(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression
    ) -> ServerCall {
        UnaryServerCall(stream, connection, context, compression, decode)
    }
}

struct StreamingRoute: Route {
    let method: MethodDescriptor?
    let body: StreamingServerCall.Body

    func makeCall(
        _ stream: HTTP2Stream, _ connection: ServerConnection, _ context: ServerContext,
        _ compression: Compression
    ) -> ServerCall {
        StreamingServerCall(stream, connection, context, compression, body: body)
    }

    static func serverStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (Request, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) -> StreamingRoute {
        StreamingRoute(method: method) { call in
            try await handler(try await call.onlyRequest(), call.responses(), call.context)
        }
    }

    static func clientStreaming<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ServerContext) async throws -> Response
    ) -> StreamingRoute {
        StreamingRoute(method: method) { call in
            let response = try await handler(call.requests(), call.context)
            try await call.responses().write(response)
        }
    }

    static func bidirectional<Request: Message, Response: Message>(
        _ method: MethodDescriptor,
        _ handler: @escaping @Sendable (RequestStream<Request>, ResponseWriter<Response>, ServerContext) async throws -> Void
    ) -> StreamingRoute {
        StreamingRoute(method: method) { call in
            try await handler(call.requests(), call.responses(), call.context)
        }
    }

    static func raw(
        _ handler: @escaping @Sendable (RequestStream<[UInt8]>, ResponseWriter<[UInt8]>, ServerContext) async throws -> Void
    ) -> StreamingRoute {
        StreamingRoute(method: nil) { call in
            try await handler(call.rawRequests(), call.rawResponses(), call.context)
        }
    }
}
