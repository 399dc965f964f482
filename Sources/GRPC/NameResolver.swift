import NIOCore
import NIOPosix

/// Tells a ``Channel`` where the replicas of its server are.
public protocol NameResolver: Sendable {
    /// The addresses as they are now, in order of preference; none is a failure. May be called again, one at a time.
    func addresses(on eventLoop: any EventLoop) -> EventLoopFuture<[ServerAddress]>
}

/// Asks the system's resolver: DNS, `/etc/hosts`.
public struct DNSResolver: NameResolver {
    public let host: String
    public let port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Blocks a thread of NIO's pool meanwhile, never an event loop.
    public func addresses(on eventLoop: any EventLoop) -> EventLoopFuture<[ServerAddress]> {
        NIOThreadPool.singleton.runIfActive(eventLoop: eventLoop) {
            try HostLookup.addresses(of: host).map { ServerAddress(host: $0, port: port) }
        }
    }
}
