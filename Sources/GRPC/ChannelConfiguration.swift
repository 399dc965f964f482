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
        /// On the whole, at most a tenth more calls are made.
        public var throttling = RetryThrottling(tokensMax: 200, tokensPerSuccess: 0.1)
        /// What a streaming call has sent is kept up to this many bytes, to be sent again where a server has refused it unseen.
        public var replayBytesMax: Int = 256 << 10
        public init() {}
    }

    /// When a resolver is asked again.
    public struct Resolution: Sendable {
        /// The time between looks while all is well. Nil: only after connections failed.
        public var interval: Duration? = .seconds(300)
        /// The shortest time between two looks, however many connections fail.
        public var pause: Duration = .seconds(30)
        public init() {}
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
    public var resolution = Resolution()
    /// Which replica a call takes, where ``service`` does not say.
    public var loadBalancing = LoadBalancing.roundRobin
    /// What the server's operators say about its methods.
    public var service: ServiceConfiguration?
    /// TLS. Nil: plain text.
    public var security: (any ChannelSecurity)?
    /// Without a call for at least this long, and at most twice, connections are closed until there is one. Nil: never.
    public var idleTimeout: Duration? = .seconds(1_800)
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

extension ChannelConfiguration.Backoff {
    /// The wait after the failure that follows `failures` others. gRPC, "Connection Backoff Protocol".
    func wait(failures: Int) -> Duration {
        var wait = initial
        for _ in 0..<failures where wait < max { wait = wait * multiplier }
        return min(wait, max) * Double.random(in: (1 - jitter)...(1 + jitter))
    }
}
