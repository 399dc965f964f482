import FoundationEssentials
import GRPC

/// Finds out who calls. Refuses a token that does not hold; lets calls without one pass, for the authorisation to judge.
struct AuthenticationInterceptor: ServerInterceptor {
    let verifier: TokenVerifier

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        if let caller = try await caller(context.metadata) {
            context.authenticate(as: caller)
        } else if context.metadata[ServiceCredentials.tenantMetadata] != nil {
            throw Failure.tenantNotYours
        }
        try await next()
    }

    private func caller(_ metadata: Metadata) async throws -> VerifiedCaller? {
        guard let credentials = metadata["authorization"] else { return nil }
        guard metadata.count(of: "authorization") == 1 else { throw refused(.malformed) }
        do {
            return try scoped(try await verifier.caller(of: credentials), metadata)
        } catch let refusal as TokenRefusal {
            throw refused(refusal)
        }
    }

    /// Puts a service to work for the tenant it names; nobody else may name one.
    private func scoped(_ caller: VerifiedCaller, _ metadata: Metadata) throws(Failure) -> VerifiedCaller {
        guard let tenant = metadata[ServiceCredentials.tenantMetadata] else { return caller }
        guard caller.principal.kind == .service else { throw .tenantNotYours }
        guard metadata.count(of: ServiceCredentials.tenantMetadata) == 1, let id = UUID(id: tenant) else {
            throw .invalid(ServiceCredentials.tenantMetadata, "is not an id", reason: "MALFORMED")
        }
        var principal = caller.principal
        principal.tenantID = id
        return VerifiedCaller(principal, bearer: caller.bearer)
    }

    private func refused(_ refusal: TokenRefusal) -> Failure {
        RuntimeMetrics.tokenRefused(refusal)
        switch refusal {
        case .keysUnavailable:
            return Failure(
                .unavailable, reason: "ISSUER_UNAVAILABLE", "the issuer's keys cannot be had just now",
                retryAfter: .seconds(1))
        case .expired:
            return .unauthenticated("the token has expired", reason: "TOKEN_EXPIRED")
        default:
            return .unauthenticated("the token is not valid", reason: "TOKEN_INVALID")
        }
    }
}

extension Failure {
    static let tenantNotYours = Failure(
        .permissionDenied, reason: "TENANT_NOT_YOURS", "only services name a tenant in metadata",
        metadata: ["metadata": ServiceCredentials.tenantMetadata])
}
