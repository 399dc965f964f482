import HTTP2
import Logging
import Metrics

/// A bound of gRPC's own that a peer passed, by the name under which metrics and logs know it. HTTP/2's: ``HTTP2Violation``.
enum CallLimit: String {
    case messageBytes = "message_too_large"
    case inflatedBytes = "inflated_message_too_large"
    case bodyPace = "body_too_slow"
    /// No certificate, one that nobody vouches for, no TLS at all, or not HTTP/2 over it.
    case handshake = "tls_handshake_failed"
    case silence = "ping_unanswered"
    case handlers = "too_many_handlers"
    case connections = "too_many_connections"
    case connectionsPerAddress = "too_many_connections_from_one_address"
}

/// Tells when a peer passes a bound: each time as `grpc_server_limits_passed_total{limit}`, and as a line of the log where the
/// last one of the bound is long enough ago, so that a flood is no flood of lines.
struct LimitReports {
    private let pause: Duration?
    private let logger: Logger
    private let metrics: any MetricsFactory
    private var logged: [String: ContinuousClock.Instant] = [:]

    /// - Parameter pause: between two lines about a bound; nil: there is one.
    init(every pause: Duration? = nil, _ configuration: ServerConfiguration) {
        self.pause = pause
        logger = configuration.logger
        metrics = configuration.metrics ?? MetricsSystem.factory
    }

    mutating func passed(_ limit: HTTP2Violation, by peer: String) { passed(limit.rawValue, by: peer) }

    /// `reason` stands in the log, where the limit alone does not tell enough.
    mutating func passed(_ limit: CallLimit, by peer: String, reason: String? = nil) {
        passed(limit.rawValue, by: peer, reason)
    }

    private mutating func passed(_ limit: String, by peer: String, _ reason: String? = nil) {
        Counter(label: "grpc_server_limits_passed_total", dimensions: [("limit", limit)], factory: metrics).increment()
        if let last = logged[limit], pause.map({ .now - last < $0 }) ?? true { return }
        logged[limit] = .now
        var metadata: Logger.Metadata = ["limit": "\(limit)", "peer": "\(peer)"]
        if let reason { metadata["reason"] = "\(reason)" }
        logger.warning("a peer passed a limit", metadata: metadata)
    }
}
