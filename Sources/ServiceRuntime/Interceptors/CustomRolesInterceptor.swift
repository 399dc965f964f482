import FoundationEssentials
import GRPC

/// What a tenant's own roles let their holders do (C34), as routing last published them to a service that follows it.
package protocol CustomRoles: Sendable {
    /// The permissions of those of these roles that the tenant has.
    func permissions(of roles: [String], in tenantID: UUID) async throws -> Set<Permission>
}

/// Gives a caller the permissions of his tenant's own roles. The built-in ones are compiled in: nobody is asked for them, and
/// they hold while routing cannot be heard.
struct CustomRolesInterceptor: ServerInterceptor {
    /// `nil`: the service knows of no roles but the built-in ones.
    let roles: (any CustomRoles)?

    func intercept(_ context: ServerContext, next: () async throws -> Void) async throws {
        if let roles, var principal = context.optionalPrincipal, principal.kind == .agent, let tenantID = principal.tenantID {
            let own = principal.roles.filter { Role(rawValue: $0) == nil }
            if !own.isEmpty {
                principal.permissions.formUnion(try await roles.permissions(of: own, in: tenantID))
                context.authenticate(as: principal, bearer: context.bearer)
            }
        }
        try await next()
    }
}
