import GRPC
import Logging

/// Takes up the caller's trace and request id, or begins them.
struct ServerTraceInterceptor: ServerInterceptor {
    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        let received = context.metadata["traceparent"].flatMap {
            TraceContext(traceparent: $0, tracestate: context.metadata["tracestate"] ?? "")
        }
        let requestID = RequestID.accept(context.metadata[RequestID.metadataName]) ?? RequestID.make()
        context.trailingMetadata.add(requestID, for: RequestID.metadataName)
        try await TraceContext.$current.withValue(received?.child ?? TraceContext()) {
            try await RequestID.$current.withValue(requestID, operation: next)
        }
    }
}

/// Hands trace and request id on to the callee.
package struct ClientTraceInterceptor: ClientInterceptor {
    package init() {}

    package func intercept<Result: Sendable>(
        _ head: ClientCallHead, next: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        var head = head
        if let trace = TraceContext.current {
            head.options.metadata["traceparent"] = trace.child.traceparent
            if !trace.state.isEmpty { head.options.metadata["tracestate"] = trace.state }
        }
        if let requestID = RequestID.current { head.options.metadata[RequestID.metadataName] = requestID }
        return try await next(head)
    }
}
