import FoundationEssentials
import GRPC

private enum CallerKey: ServerContextKey {
    typealias Value = VerifiedCaller
}

extension ServerContext {
    /// The verified caller.
    /// - Throws: UNAUTHENTICATED where the method takes calls without a token and this one had none.
    package var principal: Principal {
        get throws(Failure) {
            guard let principal = optionalPrincipal else { throw .unauthenticated("the call carries no token") }
            return principal
        }
    }

    /// The verified caller, where there is one.
    package var optionalPrincipal: Principal? { self[CallerKey.self]?.principal }

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
    var bearer: String? { self[CallerKey.self]?.bearer }

    /// What the authentication found. Also for tests of handlers.
    package func authenticate(as principal: Principal, bearer: String? = nil) {
        authenticate(as: VerifiedCaller(principal, bearer: bearer))
    }

    func authenticate(as caller: VerifiedCaller) {
        self[CallerKey.self] = caller
    }
}
