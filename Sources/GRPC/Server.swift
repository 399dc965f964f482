import HTTP2
import NIOCore
import NIOPosix

/// Answers gRPC calls on one address.
public final class Server: Sendable {
    /// `interceptors` wrap each call, the first one outermost. The services' handlers run on the connection's event loop.
    public init(
        configuration: ServerConfiguration = ServerConfiguration(), services: [any Service] = [],
        interceptors: [any ServerInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        fatalError("skeleton")
    }

    /// For what services alone cannot say: a router with a fallback.
    public init(
        configuration: ServerConfiguration, router: Router, interceptors: [any ServerInterceptor] = [],
        eventLoopGroup: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) {
        fatalError("skeleton")
    }

    /// Binds and accepts. Returns the bound address. Throws what the socket says (the address in use, for example).
    @discardableResult
    public func start() async throws -> SocketAddress { fatalError("skeleton") }

    /// Serves until ``drain(within:)`` has ended or the task is cancelled; starts first if nobody has.
    public func run() async throws { fatalError("skeleton") }

    /// Takes no further call, lets the running ones end for at most `limit`, then cuts them off.
    public func drain(within limit: Duration) async { fatalError("skeleton") }
}
