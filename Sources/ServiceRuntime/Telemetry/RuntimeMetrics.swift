import Metrics

/// The metrics of the runtime itself, beside those that `GRPC.MetricsInterceptor` keeps of the calls.
package enum RuntimeMetrics {
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
