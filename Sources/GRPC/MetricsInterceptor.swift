import Metrics

/// Counts a server's calls and the time they take.
///
/// The series of a method are made with its first call and kept, so that a call costs no look-up by labels. Methods that are
/// not served here come from outside and share the name `other`: nobody can make a server keep series without end.
public final class MetricsInterceptor: ServerInterceptor {
    private let served: [String: CallSeries]
    private let others: [MethodKind: CallSeries]

    /// Nil for `factory`: what `MetricsSystem` was set up with when the first call of a method comes.
    public init(
        _ services: [ServiceDescriptor], naming: MetricNaming = .goGRPCPrometheus, factory: (any MetricsFactory)? = nil
    ) {
        let methods = services.flatMap(\.methods)
        served = Dictionary(
            methods.map { ($0.path, CallSeries(naming, $0.service, $0.method, $0.kind, factory)) },
            uniquingKeysWith: { first, _ in first })
        let kinds: [MethodKind] = [.unary, .serverStreaming, .clientStreaming, .bidirectionalStreaming]
        others = Dictionary(uniqueKeysWithValues: kinds.map { ($0, CallSeries(naming, "other", "other", $0, factory)) })
    }

    public func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        let series = served[context.method.path] ?? others[context.method.kind]
        let begun = ContinuousClock.now
        series?.started()
        do {
            try await next()
            series?.ended(.ok, after: .now - begun)
        } catch {
            series?.ended(RPCError(thrown: error).code, after: .now - begun)
            throw error
        }
    }
}

/// Under which names calls are counted.
public enum MetricNaming: Sendable {
    /// `grpc_server_started_total`, `grpc_server_handled_total`, `grpc_server_handling_seconds`, so that the dashboards made for
    /// go-grpc-prometheus fit.
    case goGRPCPrometheus
    /// `grpc.server.call.started` and `grpc.server.call.duration`, as gRPC's A66 has them.
    case openTelemetry
}
