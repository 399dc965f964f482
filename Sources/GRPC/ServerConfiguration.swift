import HTTP2
import Logging
import Metrics

/// How a ``Server`` listens and what it puts up with.
public struct ServerConfiguration: Sendable {
    /// An IP address or a name of this machine.
    public var host: String
    /// 0 lets the system choose; ``Server/start()`` tells which.
    public var port: Int
    /// The path of a Unix socket to listen on instead of `host` and `port`. A socket file that is there is replaced.
    public var unixSocket: String?
    /// TLS. Nil: plain text.
    public var security: (any ServerSecurity)?
    /// The largest message accepted, in bytes after decompression. Default 4 MiB.
    public var requestBytesMax: Int
    /// The largest message sent, in bytes. Default unlimited but for the 32 bits of gRPC's frame.
    public var responseBytesMax: Int
    /// What a connection may do.
    public var http2: HTTP2Limits
    /// After about this long (a tenth more or less) a client is asked to connect again, so that load spreads over new
    /// replicas. Nil: never. Source: gRPC, A9, MAX_CONNECTION_AGE.
    public var connectionAgeMax: Duration?
    /// How long the calls of such a connection may still take.
    public var connectionAgeGrace: Duration = .seconds(60)
    /// PING frames that find clients which are gone without a word. Nil: none are sent.
    public var keepAlive: KeepAlive?
    /// How many connections may be open at once, and never more than three quarters of the file descriptors that the process may
    /// have; further ones are closed at once.
    public var connectionsMax: Int
    /// How many of them one IP address may have. Nil: as many as there may be at all.
    public var connectionsPerAddressMax: Int?
    /// Told of each peer that passes a limit.
    public var logger = Logger(label: "grpc.server")
    /// Counts the same. Nil: what `MetricsSystem` was set up with.
    public var metrics: (any MetricsFactory)?
    /// What each error passes before it is sent, also those no handler threw (unknown method, message that cannot be
    /// decoded, deadline): here a server adds the details it has promised for every error. Called on event loops.
    public var completingErrors: @Sendable (RPCError) -> RPCError = { $0 }

    public init(
        host: String = "127.0.0.1", port: Int = 0, requestBytesMax: Int = 4 << 20, responseBytesMax: Int = Int(Int32.max),
        http2: HTTP2Limits = .trusted, connectionsMax: Int = 10_000
    ) {
        self.host = host
        self.port = port
        self.requestBytesMax = requestBytesMax
        self.responseBytesMax = responseBytesMax
        self.http2 = http2
        self.connectionsMax = connectionsMax
    }
}
