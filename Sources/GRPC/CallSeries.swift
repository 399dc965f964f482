import Metrics
import Synchronization

/// The series of one method.
final class CallSeries: Sendable {
    private struct Series {
        let started: Counter
        /// What has no status in its labels: go-grpc-prometheus' time.
        let time: Timer?
        /// By the number of the status.
        var ends = [Ends?](repeating: nil, count: StatusCode.allCases.count)
    }

    /// The series that have the status among their labels.
    private struct Ends {
        var count: Counter?
        var time: Timer?
    }

    private let naming: MetricNaming
    private let labels: [(String, String)]
    private let factory: (any MetricsFactory)?
    private let series = Mutex<Series?>(nil)

    init(_ naming: MetricNaming, _ service: String, _ method: String, _ kind: MethodKind, _ factory: (any MetricsFactory)?) {
        self.naming = naming
        self.factory = factory
        switch naming {
        case .goGRPCPrometheus:
            labels = [("grpc_service", service), ("grpc_method", method), ("grpc_type", kind.metricName)]
        case .openTelemetry: labels = [("grpc.method", method == "other" ? method : "\(service)/\(method)")]
        }
    }

    func started() {
        series.withLock { series in
            if series == nil { series = make() }
            return series?.started
        }?.increment()
    }

    func ended(_ code: StatusCode, after duration: Duration) {
        let (always, ends): (Timer?, Ends?) = series.withLock { series in
            let number = Int(code.rawValue)
            if series?.ends[number] == nil { series?.ends[number] = make(for: code) }
            return (series?.time, series?.ends[number])
        }
        always?.record(duration: duration)
        ends?.count?.increment()
        ends?.time?.record(duration: duration)
    }

    private func make() -> Series {
        switch naming {
        case .goGRPCPrometheus:
            Series(
                started: Counter(label: "grpc_server_started_total", dimensions: labels, factory: backend),
                time: Timer(label: "grpc_server_handling_seconds", dimensions: labels, factory: backend))
        case .openTelemetry:
            Series(started: Counter(label: "grpc.server.call.started", dimensions: labels, factory: backend), time: nil)
        }
    }

    private func make(for code: StatusCode) -> Ends {
        switch naming {
        case .goGRPCPrometheus:
            let labels = labels + [("grpc_code", code.camelCased)]
            return Ends(count: Counter(label: "grpc_server_handled_total", dimensions: labels, factory: backend))
        case .openTelemetry:
            let labels = labels + [("grpc.status", "\(code)")]
            return Ends(time: Timer(label: "grpc.server.call.duration", dimensions: labels, factory: backend))
        }
    }

    private var backend: any MetricsFactory { factory ?? MetricsSystem.factory }
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
    /// As the Go libraries write it: `DeadlineExceeded`, but `OK`.
    fileprivate var camelCased: String {
        if self == .ok { return "OK" }
        return "\(self)".split(separator: "_").map { $0.prefix(1) + $0.dropFirst().lowercased() }.joined()
    }
}
