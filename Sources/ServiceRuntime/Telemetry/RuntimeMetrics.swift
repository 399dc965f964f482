import GRPC
import Metrics

/// The metrics of the runtime itself. Names of RPC metrics are those of go-grpc-prometheus, so that its dashboards fit.
package enum RuntimeMetrics {
    struct Call: Sendable {
        let labels: [(String, String)]

        func ended(_ code: StatusCode, after duration: Duration) {
            Counter(label: "grpc_server_handled_total", dimensions: labels + [("grpc_code", code.metricName)]).increment()
            Timer(label: "grpc_server_handling_seconds", dimensions: labels).record(duration: duration)
        }
    }

    static func callStarted(_ method: MethodDescriptor, isKnown: Bool) -> Call {
        let labels = [
            ("grpc_service", isKnown ? method.service : "other"), ("grpc_method", isKnown ? method.method : "other"),
            ("grpc_type", method.kind.metricName),
        ]
        Counter(label: "grpc_server_started_total", dimensions: labels).increment()
        return Call(labels: labels)
    }

    static func tokenRefused(_ refusal: TokenRefusal) {
        Counter(label: "switchboard_tokens_refused_total", dimensions: [("reason", refusal.rawValue)]).increment()
    }

    static func offloaded(_ what: String, for duration: Duration) {
        Timer(label: "switchboard_offload_seconds", dimensions: [("work", what)]).record(duration: duration)
    }

    package static func clockOffset(_ offset: Duration) {
        Gauge(label: "switchboard_database_clock_offset_seconds").record(offset.inSeconds)
    }

    static func slowLoopTurn(_ duration: Duration) {
        Counter(label: "switchboard_event_loop_slow_turns_total").increment()
        Timer(label: "switchboard_event_loop_slow_turn_seconds").record(duration: duration)
    }
}

extension MethodKind {
    fileprivate var metricName: String {
        switch self {
        case .unary: "unary"
        case .serverStreaming: "server_stream"
        case .clientStreaming: "client_stream"
        case .bidirectionalStreaming: "bidi_stream"
        }
    }
}

extension StatusCode {
    /// As the Go libraries write it: "DeadlineExceeded".
    fileprivate var metricName: String {
        if self == .ok { return "OK" }
        return "\(self)".split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }
}
