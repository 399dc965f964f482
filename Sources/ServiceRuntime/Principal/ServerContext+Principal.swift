import FoundationEssentials
import GRPC

private enum PrincipalKey: ServerContextKey {
    typealias Value = Principal
}

private enum BearerKey: ServerContextKey {
    typealias Value = String
}

extension ServerContext {
    /// The verified caller.
    /// - Throws: UNAUTHENTICATED where the method takes calls without a token and this one had none.
    package var principal: Principal {
        get throws(Failure) {
            guard let principal = self[PrincipalKey.self] else { throw .unauthenticated("the call carries no token") }
            return principal
        }
    }

    /// The verified caller, where there is one.
    package var optionalPrincipal: Principal? { self[PrincipalKey.self] }

    /// The tenant for whom the call is made.
    /// - Throws: UNAUTHENTICATED without a caller, INVALID_ARGUMENT for a service that named no tenant.
    package var tenantID: UUID {
        get throws(Failure) {
            guard let tenantID = try principal.tenantID else {
                throw .invalid(
                    ServiceCredentials.tenantMetadata, "a service's call for one tenant names it in this metadata",
                    reason: "REQUIRED")
            }
            return tenantID
        }
    }

    /// The caller's token, to be forwarded on his behalf.
    var bearer: String? { self[BearerKey.self] }

    /// What the authentication found. Also for tests of handlers.
    package func authenticate(as principal: Principal, bearer: String? = nil) {
        self[PrincipalKey.self] = principal
        self[BearerKey.self] = bearer
    }
}
