import GRPC
import Logging

/// Turns what handlers throw into what callers may see: a refusal with its details, or the bare fact that the surroundings
/// failed. What failed is logged here, whole, and nowhere else.
struct ErrorInterceptor: ServerInterceptor {
    let service: String
    var storage: (any ServiceStorageKind)?
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
        case let error as any RPCErrorConvertible: return error.rpcError
        case is CancellationError:
            return Failure(.cancelled, reason: "CANCELLED", "the call was cancelled").rpcError
        default:
            if let told = storage?.failure(error) {
                if told.isLogged { log(error, context) }
                return told.failure.rpcError
            }
            log(error, context)
            return Failure(.internal, reason: "INTERNAL", "something went wrong inside the service").rpcError
        }
    }

    /// An error of our own runtime, or of a callee, that has a code and no details. What the surroundings said stays inside.
    private func withInfo(_ error: RPCError) -> RPCError {
        if let refusal = Self.refusal(error) { return refusal.rpcError }
        switch error.code {
        case .unimplemented:
            // A method of the contract that has no handler.
            return Failure(.unimplemented, reason: "NOT_IMPLEMENTED", error.message).rpcError
        case .unavailable:
            return Failure(
                .unavailable, reason: "DEPENDENCY_UNAVAILABLE", "a service this one depends on cannot be reached just now",
                retryAfter: .milliseconds(500)
            ).rpcError
        case .internal, .unknown, .dataLoss:
            return Failure(error.code, reason: "\(error.code)", "something went wrong inside the service").rpcError
        case .resourceExhausted where error.retryPushback != nil:
            // Too many calls at once: it says already when to come back.
            return with(error, reason: "OVERLOADED")
        default:
            return with(error, reason: "\(error.code)")
        }
    }

    private func with(_ error: RPCError, reason: String) -> RPCError {
        var error = error
        error.details += Failure(error.code, reason: reason, error.message).rpcError.details
        return error
    }

    /// An error that our gRPC found before or beside the handler gets its reason too.
    static func withInfo(_ error: RPCError, of service: String) -> RPCError {
        guard error.reason == nil else { return error }
        if let refusal = refusal(error) { return refusal.rpcError(domain: "\(service).switchboard") }
        var error = error
        let failure = Failure(error.code, reason: "\(error.code)", error.message)
        error.details += failure.details(domain: "\(service).switchboard")
        return error
    }

    /// What the decoder refuses in a message that is well formed is the caller's mistake, by name (RELIABILITY 2.2).
    private static func refusal(_ error: RPCError) -> Failure? {
        error.refusedField.map { .invalid($0.isEmpty ? "message" : $0, "cannot be taken: \(error.message)", reason: "MALFORMED") }
    }

    private func log(_ error: any Error, _ context: ServerContext) {
        logger.error(
            "a call failed unexpectedly",
            metadata: ["method": "\(context.method.path)", "error": "\(error)", "error_type": "\(type(of: error))"])
    }
}
