import GoogleProtobuf
import GoogleRPC
import Metrics
import Synchronization

/// Keeps a server that is asked for more than it can do from doing nothing well: beyond so many calls at once, further ones are
/// refused at once instead of waiting with all the others until their deadlines.
///
/// A refused call ends with RESOURCE_EXHAUSTED, `google.rpc.RetryInfo` and `grpc-retry-pushback-ms` (gRPC, A6), and is counted as
/// `grpc_server_calls_shed_total`. Put it inside the interceptors that count and log, outside those that do work.
public final class ConcurrencyLimitInterceptor: ServerInterceptor {
    private let callsMax: Int
    private let retryAfter: Swift.Duration
    private let isLimited: @Sendable (MethodDescriptor) -> Bool
    private let running = Atomic(0)
    private let shed: Counter

    /// - Parameters:
    ///   - callsMax: How many calls may run at once. Good is what keeps the scarcest resource busy, and half as many again: each
    ///     call beyond it waits as long as those before it take.
    ///   - retryAfter: When a refused client may come back: half to one and a half times this, so that they come one by one.
    ///   - isLimited: Which methods count. The default leaves streams out, which mostly wait for news.
    ///   - metrics: Nil: what `MetricsSystem` was set up with.
    public init(
        callsMax: Int, retryAfter: Swift.Duration = .milliseconds(200),
        isLimited: @escaping @Sendable (MethodDescriptor) -> Bool = { $0.kind == .unary }, metrics: (any MetricsFactory)? = nil
    ) {
        precondition(callsMax > 0, "a limit of no calls")
        self.callsMax = callsMax
        self.retryAfter = retryAfter
        self.isLimited = isLimited
        shed = Counter(label: "grpc_server_calls_shed_total", dimensions: [], factory: metrics ?? MetricsSystem.factory)
    }

    public func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        guard isLimited(context.method) else { return try await next() }
        defer { running.wrappingSubtract(1, ordering: .relaxed) }
        guard running.wrappingAdd(1, ordering: .relaxed).oldValue < callsMax else {
            shed.increment()
            throw overloaded()
        }
        try await next()
    }

    private func overloaded() -> RPCError {
        let wait = retryAfter * Double.random(in: 0.5...1.5)
        let (seconds, attoseconds) = wait.components
        let info = RetryInfo(
            retryDelay: GoogleProtobuf.Duration(seconds: seconds, nanos: Int32(attoseconds / 1_000_000_000)))
        var error = RPCError(
            code: .resourceExhausted, message: "the server is busy",
            details: [
                GoogleProtobuf.`Any`(typeURL: "type.googleapis.com/\(RetryInfo.typeName)", value: info.serialized())
            ])
        error.retryPushback = .after(wait)
        return error
    }
}
