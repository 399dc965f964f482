import GRPC
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// The HTTP/1.1 listener.
struct HTTPListener: ServiceLifecycle.Service {
    let address: ServerAddress
    let responder: EdgeResponder
    let logger: Logger
    /// Told the bound port, for tests that let the system choose.
    var onBound: @Sendable (Int) async -> Void = { _ in }

    /// Bounds of one connection.
    enum Bounds {
        /// A connection that says nothing is closed. Streams are kept alive by their pings.
        static let idle: TimeAmount = .seconds(75)
        static let headerFieldBytesMax = 16 << 10
        static let headerListBytesMax = 32 << 10
        static let headersMax = 100
    }

    private static var configuration: HTTP1Channel.Configuration {
        .init(
            additionalChannelHandlers: [MalformedRequestHandler()],
            idleTimeout: Bounds.idle,
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: Bounds.headerFieldBytesMax, maxHeaderListSize: Bounds.headerListBytesMax,
                maxHeaderFieldCount: Bounds.headersMax))
    }

    func run() async throws {
        let application = Application(
            responder: responder,
            server: HTTPServerBuilder { responder in
                EventLoopChannel(base: HTTP1Channel(responder: responder, configuration: Self.configuration))
            },
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in
                let port = channel.localAddress?.port ?? 0
                logger.info("serving HTTP", metadata: ["port": "\(port)"])
                await onBound(port)
            },
            logger: logger
        )
        try await application.run()
    }
}
