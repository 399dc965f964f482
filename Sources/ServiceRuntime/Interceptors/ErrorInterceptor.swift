import EventLog
import GRPC
import Logging
import Postgres

/// Turns what handlers throw into what callers may see: a refusal with its details, or the bare fact that the surroundings
/// failed. What failed is logged here, whole, and nowhere else.
struct ErrorInterceptor: ServerInterceptor {
    let service: String
    let logger: Logger

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        try await FailureDomain.$current.withValue("\(service).switchboard") {
            do {
                try await next()
            } catch {
                throw outward(error, context)
            }
        }
    }

    func outward(_ error: any Error, _ context: ServerContext) -> RPCError {
        switch error {
        case let error as RPCError: return error.reason == nil ? withInfo(error) : error
        case let error as Failure: return error.rpcError
        case let error as IdempotencyError: return Failure(error).rpcError
        case let error as any RPCErrorConvertible: return error.rpcError
        case is CancellationError:
            return Failure(.cancelled, reason: "CANCELLED", "the call was cancelled").rpcError
        case let error as PostgresError:
            log(error, context)
            return Failure(error).rpcError
        default:
            log(error, context)
            return Failure(.internal, reason: "INTERNAL", "something went wrong inside the service").rpcError
        }
    }

    /// An error of our own runtime, or of a callee, that has a code and no details. What the surroundings said stays inside.
    private func withInfo(_ error: RPCError) -> RPCError {
        switch error.code {
        case .unavailable:
            return Failure(
                .unavailable, reason: "DEPENDENCY_UNAVAILABLE", "a service this one depends on cannot be reached just now",
                retryAfter: .milliseconds(500)
            ).rpcError
        case .internal, .unknown, .dataLoss:
            return Failure(error.code, reason: "\(error.code)", "something went wrong inside the service").rpcError
        default:
            var error = error
            error.details += Failure(error.code, reason: "\(error.code)", error.message).rpcError.details
            return error
        }
    }

    private func log(_ error: any Error, _ context: ServerContext) {
        logger.error(
            "a call failed unexpectedly",
            metadata: ["method": "\(context.method.path)", "error": "\(error)", "error_type": "\(type(of: error))"])
    }
}

extension Failure {
    /// The database's answer, in our words.
    package init(_ error: PostgresError) {
        switch error.category {
        case .unavailable, .outcomeUnknown:
            self.init(
                .unavailable, reason: "DATABASE_UNAVAILABLE", "the service cannot reach its data just now",
                retryAfter: .milliseconds(500))
        case .overloaded:
            self.init(
                .unavailable, reason: "OVERLOADED", "the service has too much to do just now", retryAfter: .seconds(1))
        case .conflict:
            self.init(.aborted, reason: "CONFLICT", "another change came between: ask again", retryAfter: .milliseconds(100))
        case .timeout:
            self.init(.deadlineExceeded, reason: "TOO_SLOW", "the answer took too long")
        case .invalidValue:
            self.init(.invalidArgument, reason: "VALUE_NOT_STORABLE", "the request holds a value that cannot be stored")
        default:
            self.init(.internal, reason: "INTERNAL", "something went wrong inside the service")
        }
    }
}
