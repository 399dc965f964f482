import FoundationEssentials
import GRPC

/// Finds out who calls. Refuses a token that does not hold; lets calls without one pass, for the authorisation to judge.
struct AuthenticationInterceptor: ServerInterceptor {
    let verifier: TokenVerifier

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        if let (principal, bearer) = try await caller(context.metadata) {
            context.authenticate(as: principal, bearer: bearer)
        } else if context.metadata[ServiceCredentials.tenantMetadata] != nil {
            throw Failure.tenantNotYours
        }
        try await next()
    }

    private func caller(_ metadata: Metadata) async throws -> (Principal, String)? {
        let headers = metadata.strings("authorization")
        guard let header = headers.first else { return nil }
        guard headers.count == 1, header.lowercased().hasPrefix("bearer ") else {
            throw refused(.malformed)
        }
        let token = String(header.dropFirst("bearer ".count))
        do {
            let principal = try await verifier.verify(token)
            return (try scoped(principal, metadata), token)
        } catch let refusal as TokenRefusal {
            throw refused(refusal)
        }
    }

    /// Puts a service to work for the tenant it names; nobody else may name one.
    private func scoped(_ principal: Principal, _ metadata: Metadata) throws(Failure) -> Principal {
        let tenants = metadata.strings(ServiceCredentials.tenantMetadata)
        guard let tenant = tenants.first else { return principal }
        guard principal.kind == .service else { throw .tenantNotYours }
        guard tenants.count == 1, let id = UUID(id: tenant) else {
            throw .invalid(ServiceCredentials.tenantMetadata, "is not an id", reason: "MALFORMED")
        }
        var principal = principal
        principal.tenantID = id
        return principal
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
