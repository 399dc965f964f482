import NIOCore
import NIOPosix

/// Makes one connection of a channel: TCP or a Unix socket, security where asked for, HTTP/2.
struct Dialer {
    private let configuration: ChannelConfiguration

    /// `pingsSlowedDown`: how often a server has said that PING frames come too often.
    init(_ configuration: ChannelConfiguration, pingsSlowedDown times: Int) {
        var configuration = configuration
        if times > 0, let interval = configuration.keepAlive?.interval {
            configuration.keepAlive?.interval = interval * (1 << min(times, 16))
        }
        self.configuration = configuration
    }

    /// Fails when there is no socket; what becomes of it afterwards comes by `onEvent`. `made` is called before any event.
    func connect(
        to address: ServerAddress, on eventLoop: any EventLoop, made: @escaping @Sendable (ClientConnection) -> Void,
        onEvent: @escaping @Sendable (ClientConnection, ClientConnection.Event) -> Void
    ) -> EventLoopFuture<any NIOCore.Channel> {
        let configuration = configuration
        let bootstrap = ClientBootstrap(group: eventLoop)
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 16 << 10, maximum: 256 << 10)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try configuration.security?.secure(channel, to: address)
                    made(try ClientConnection(channel: channel, to: address, configuration: configuration, onEvent: onEvent))
                }
            }
        if let path = address.unixSocket { return bootstrap.connect(unixDomainSocketPath: path) }
        return bootstrap.channelOption(.tcpOption(.tcp_nodelay), value: 1).connect(host: address.host, port: address.port)
    }
}
