import HTTP2

/// How a ``Channel`` connects, waits and repeats.
public struct ChannelConfiguration: Sendable {
    /// The wait between attempts to connect. gRPC, "Connection Backoff Protocol".
    public struct Backoff: Sendable {
        public var initial: Duration = .seconds(1)
        public var multiplier: Double = 1.6
        /// The share by which a wait may be shorter or longer, 0...1.
        public var jitter: Double = 0.2
        public var max: Duration = .seconds(120)
        public init() {}
    }

    /// Repetition of calls that ended UNAVAILABLE, where the method allows it (``MethodDescriptor/mayBeRepeated``).
    public struct Retry: Sendable {
        /// The first attempt included. 1 turns repetition off.
        public var attemptsMax: Int = 4
        /// The wait before the second attempt; doubled each time, up to `waitMax`, drawn uniformly from 0 to there.
        public var wait: Duration = .milliseconds(100)
        public var waitMax: Duration = .seconds(2)
        /// A failure costs a token, a success brings this much of one back; no repetition while fewer than half are left.
        /// So, on the whole, at most a tenth more calls are made. gRPC, A6, `retryThrottling`.
        public var tokensMax: Double = 200
        public var tokensPerSuccess: Double = 0.1
        /// What a streaming call has sent is kept up to this many bytes, to be sent again where a server has refused it unseen.
        public var replayBytesMax: Int = 256 << 10
        public init() {}
    }

    /// PING frames that tell a dead connection from a quiet one.
    public struct KeepAlive: Sendable {
        /// The time without a frame from the peer after which a PING is sent. At least 10 seconds.
        public internal(set) var interval: Duration
        /// How long its answer may take before the connection is closed.
        public var timeout: Duration = .seconds(10)
        /// Shorter intervals than 10 seconds count as 10 seconds. gRPC, A8.
        public init(interval: Duration) { self.interval = max(interval, .seconds(10)) }
    }

    /// The largest answer accepted, in bytes after decompression. Default 4 MiB.
    public var responseBytesMax: Int = 4 << 20
    /// The largest request sent, in bytes.
    public var requestBytesMax: Int = Int(Int32.max)
    public var http2: HTTP2Limits = .trusted
    /// Time for one TCP connection and the peer's first SETTINGS.
    public var connectTimeout: Duration = .seconds(20)
    public var backoff = Backoff()
    public var retry = Retry()
    public var keepAlive: KeepAlive?
    /// Whether calls wait while no address can be reached, where their options do not say.
    public var waitForReady = true
    /// How long a call without a deadline waits for a connection before it fails with UNAVAILABLE.
    public var waitForReadyMax: Duration = .seconds(20)
    /// What an outgoing call made inside a handler leaves of the handler's remaining time, to answer with.
    public var deadlineMargin: Duration = .milliseconds(5)
    /// `:authority`. Nil: the address.
    public var authority: String?

    public init() {}
}
