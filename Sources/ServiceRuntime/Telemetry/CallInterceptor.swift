import GRPC
import Logging

/// Counts each call and its time, and writes one line about it: at info when it failed by our fault, at debug otherwise.
struct CallInterceptor: ServerInterceptor {
    let logger: Logger
    /// Paths of methods that are served here. Others come from outside and name no series of their own.
    let known: Set<String>

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        let call = RuntimeMetrics.callStarted(context.method, isKnown: known.contains(context.method.path))
        let begun = ContinuousClock.now
        var code = StatusCode.ok
        defer {
            let took = ContinuousClock.now - begun
            call.ended(code, after: took)
            let level: Logger.Level = code.isOurFault ? .info : .debug
            logger.log(
                level: level, "call",
                metadata: [
                    "method": "\(context.method.path)", "code": "\(code)", "milliseconds": "\(took.inMilliseconds)",
                    "caller_kind": "\(context.optionalPrincipal?.kind.rawValue ?? "none")",
                    "tenant": "\(context.optionalPrincipal?.tenantID?.text ?? "none")",
                ])
        }
        do {
            try await next()
        } catch {
            code = RPCError(thrown: error).code
            throw error
        }
    }
}

extension StatusCode {
    var isOurFault: Bool {
        switch self {
        case .unknown, .internal, .unavailable, .dataLoss, .deadlineExceeded: true
        default: false
        }
    }
}
