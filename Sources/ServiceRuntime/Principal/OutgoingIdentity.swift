import FoundationEssentials
import GRPC

/// For whom the calls that a task makes are made.
package enum OutgoingIdentity: Sendable, Hashable {
    /// On behalf of the caller of the handler that is running: his token is forwarded.
    case caller
    /// On the service's own behalf, for one tenant or, for its own Watch, for none.
    case service(tenantID: UUID?)

    /// Set with `withValue` around work that a service does on its own behalf. Nil: the caller inside a handler that has
    /// one, the service without a tenant elsewhere.
    @TaskLocal package static var current: OutgoingIdentity?

    /// Runs `body` with calls made on the service's own behalf.
    package static func asService<Answer>(
        for tenantID: UUID?, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Answer
    ) async rethrows -> Answer {
        try await $current.withValue(.service(tenantID: tenantID), operation: body)
    }
}

/// Puts a token on each outgoing call: the caller's, or the service's own for the callee.
struct CredentialsInterceptor: ClientInterceptor {
    let callee: String
    let credentials: ServiceCredentials

    func intercept<Result: Sendable>(
        _ head: ClientCallHead, next: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        var head = head
        guard head.options.metadata["authorization"] == nil else { return try await next(head) }
        switch OutgoingIdentity.current ?? (ServerContext.current?.bearer == nil ? .service(tenantID: nil) : .caller) {
        case .caller:
            guard let bearer = ServerContext.current?.bearer else {
                throw Failure.unauthenticated("there is no caller's token to forward")
            }
            head.options.metadata["authorization"] = "Bearer \(bearer)"
            // A service's call carries its tenant beside the token.
            if let principal = ServerContext.current?.optionalPrincipal, principal.kind == .service {
                return try await asService(principal.tenantID, head, next)
            }
        case .service(let tenantID):
            return try await asService(tenantID, head, next)
        }
        return try await next(head)
    }

    /// A service's token is good for one callee, so that it is never forwarded: a call made while serving another service
    /// is made in the own name.
    private func asService<Result: Sendable>(
        _ tenantID: UUID?, _ head: ClientCallHead, _ next: (ClientCallHead) async throws -> Result
    ) async throws -> Result {
        var head = head
        head.options.metadata["authorization"] = "Bearer \(try await credentials.token(for: callee))"
        if let tenantID { head.options.metadata[ServiceCredentials.tenantMetadata] = tenantID.text }
        return try await next(head)
    }
}
