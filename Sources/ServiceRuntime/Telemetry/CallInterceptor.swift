import GRPC
import Logging

/// Writes one line about each call: at info when it failed by our fault, at debug otherwise.
struct CallInterceptor: ServerInterceptor {
    let logger: Logger

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        let begun = ContinuousClock.now
        var code = StatusCode.ok
        defer {
            let took = ContinuousClock.now - begun
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
