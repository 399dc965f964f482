/// Code around every call of a server, whatever its kind: authorisation, logs, metrics, traces.
public protocol ServerInterceptor: Sendable {
    /// Calls `next` once, or throws instead to refuse the call (an ``RPCError`` or ``RPCErrorConvertible``).
    ///
    /// Runs on the connection's event loop, inside the call's task: it must not block.
    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws
}

/// What an interceptor sees, and may change, of a call that a client is about to make.
public struct ClientCallHead: Sendable {
    public let method: MethodDescriptor
    public var options: CallOptions
    /// What the channel's service configuration says about the method.
    var configuration: MethodConfiguration?

    init(method: MethodDescriptor, options: CallOptions, configuration: MethodConfiguration?) {
        self.init(method: method, options: options)
        self.configuration = configuration
    }

    public init(method: MethodDescriptor, options: CallOptions) {
        self.method = method
        self.options = options
    }
}

/// Code around every call of a channel.
///
/// For unary, client-streaming and bidirectional calls `next` returns when the call has ended; for server-streaming
/// calls when it has begun (the answers are read later).
public protocol ClientInterceptor: Sendable {
    /// Calls `next` with the head as it shall be sent. May call it again to repeat a failed call.
    func intercept<Result: Sendable>(
        _ head: ClientCallHead, next: (ClientCallHead) async throws -> Result
    ) async throws -> Result
}
