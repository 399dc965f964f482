/// What a server's operators say about how its methods are called. Source: gRPC, "Service Config in gRPC",
/// `grpc/service_config/service_config.proto`.
public struct ServiceConfiguration: Sendable, Hashable {
    /// Whom a ``MethodConfiguration`` is for.
    public enum Scope: Sendable, Hashable {
        case every
        /// All methods of a service, by its full name.
        case service(String)
        case method(service: String, String)
    }

    public var loadBalancing: LoadBalancing?
    public var throttling: RetryThrottling?
    /// The narrowest scope that fits a method holds, alone.
    public var methods: [Scope: MethodConfiguration] = [:]

    public init() {}

    func method(_ method: MethodDescriptor) -> MethodConfiguration? {
        methods[.method(service: method.service, method.method)] ?? methods[.service(method.service)] ?? methods[.every]
    }
}

/// How the calls of a method are made.
public struct MethodConfiguration: Sendable, Hashable {
    /// The longest that a call may take; a caller may say less.
    public var timeout: Duration?
    /// Whether calls wait for a server, where their options do not say.
    public var waitForReady: Bool?
    /// The largest request and answer in bytes, where the channel's own bounds are not narrower.
    public var requestBytesMax: Int?
    public var responseBytesMax: Int?
    public var repetition: Repetition?

    /// What is done about a call that failed, or is slow.
    public enum Repetition: Sendable, Hashable {
        case retry(RetryPolicy)
        case hedging(HedgingPolicy)
    }

    public init() {}
}

/// Sending failed calls again, whatever the method: the operators know it. Source: gRPC, A6, "Retry Policy".
public struct RetryPolicy: Sendable, Hashable {
    /// The first attempt included. 2...5.
    public var attemptsMax: Int
    /// The bound of the wait before the second attempt; `multiplier` times as long before each further one, up to `waitMax`.
    /// The wait itself is drawn uniformly from 0 to there.
    public var wait: Duration
    public var waitMax: Duration
    public var multiplier: Double
    public var codes: Set<StatusCode>

    public init(
        attemptsMax: Int, wait: Duration, waitMax: Duration, multiplier: Double = 2, codes: Set<StatusCode> = [.unavailable]
    ) {
        self.attemptsMax = attemptsMax
        self.wait = wait
        self.waitMax = waitMax
        self.multiplier = multiplier
        self.codes = codes
    }
}

/// Sending a unary call again before it was answered, and taking the answer that comes first. Followed only for methods that
/// are declared free of side effects (`idempotency_level = NO_SIDE_EFFECTS`). Source: gRPC, A6, "Hedging Policy".
public struct HedgingPolicy: Sendable, Hashable {
    /// The first attempt included. 2...5.
    public var attemptsMax: Int
    /// How long an attempt may be without an answer until the next one is made. 0: all at once.
    public var delay: Duration
    /// Failures after which the next attempt is made at once. Any other one ends the call.
    public var nonFatalCodes: Set<StatusCode>

    public init(attemptsMax: Int, delay: Duration, nonFatalCodes: Set<StatusCode> = []) {
        self.attemptsMax = attemptsMax
        self.delay = delay
        self.nonFatalCodes = nonFatalCodes
    }
}

/// A failure costs a token, a success brings `tokensPerSuccess` back; nothing is repeated while fewer than half are left.
public struct RetryThrottling: Sendable, Hashable {
    public var tokensMax: Double
    public var tokensPerSuccess: Double

    public init(tokensMax: Double, tokensPerSuccess: Double) {
        self.tokensMax = tokensMax
        self.tokensPerSuccess = tokensPerSuccess
    }
}

extension ClientCallHead {
    func requestBytesMax(_ channel: ChannelConfiguration) -> Int {
        min(configuration?.requestBytesMax ?? .max, channel.requestBytesMax)
    }

    func responseBytesMax(_ channel: ChannelConfiguration) -> Int {
        min(configuration?.responseBytesMax ?? .max, channel.responseBytesMax)
    }

    var hedging: HedgingPolicy? {
        guard case .hedging(let policy) = configuration?.repetition, method.idempotency == .noSideEffects else { return nil }
        return policy
    }

    /// When an attempt that may have been processed is followed by another one; nil: never.
    func retryPolicy(_ channel: ChannelConfiguration) -> RetryPolicy? {
        switch configuration?.repetition {
        case .retry(let policy): policy
        case .hedging: nil
        case nil: method.mayBeRepeated ? channel.retry.policy : nil
        }
    }
}
