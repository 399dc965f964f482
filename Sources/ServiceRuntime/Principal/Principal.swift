import FoundationEssentials
import WallTime

/// A verified caller.
package struct Principal: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable, CaseIterable, Codable {
        /// A person who serves: Agent, Operator, Admin or Viewer.
        case agent
        case bot
        /// A customer in web chat.
        case visitor
        /// A program of the tenant's, with an API key.
        case integrator
        /// One of our services, on its own behalf.
        case service
    }

    /// What a visitor's token lets him see.
    package struct VisitorScope: Sendable, Hashable {
        /// The address of the contact's identity in web chat.
        package var visitorID: String
        /// The channel account whose widget he uses.
        package var accountID: String
        /// Origin of the page that opened his session; empty where that was no browser. No page of another one may call.
        package var origin: String

        package init(visitorID: String, accountID: String, origin: String = "") {
            self.visitorID = visitorID
            self.accountID = accountID
            self.origin = origin
        }
    }

    /// Nil for a service that works for no one tenant (its own Watch).
    package var tenantID: UUID?
    /// The agent's id, the visitor's, the key's, or the service's name.
    package var subject: String
    package var kind: Kind
    /// For display. Personal data: never logged.
    package var name: String
    package var roles: [String]
    package var permissions: Set<Permission>
    package var visitor: VisitorScope?
    /// When the token ends.
    package var expires: Instant

    package init(
        tenantID: UUID?, subject: String, kind: Kind, name: String = "", roles: [String] = [],
        permissions: Set<Permission>? = nil, visitor: VisitorScope? = nil, expires: Instant = .latest
    ) {
        self.tenantID = tenantID
        self.subject = subject
        self.kind = kind
        self.name = name
        self.roles = roles
        self.permissions =
            permissions ?? roles.compactMap(Role.init(rawValue:)).reduce(into: kind.permissions) { $0.formUnion($1.permissions) }
        self.visitor = visitor
        self.expires = expires
    }

    /// The highest built-in role, if the caller has one.
    package var role: Role? { roles.compactMap(Role.init(rawValue:)).max { $0.permissions.count < $1.permissions.count } }

    /// The agent's id. Nil unless the caller is an agent whose subject is an id.
    package var agentID: UUID? { kind == .agent ? UUID(id: subject) : nil }

    /// "agent:0198...": scope of request ids and of the audit trail.
    package var identity: String { "\(kind.rawValue):\(subject)" }

    package func has(_ permission: Permission) -> Bool { permissions.contains(permission) }

    /// - Throws: PERMISSION_DENIED.
    package func require(_ permission: Permission) throws(Failure) {
        guard has(permission) else { throw .permissionDenied(permission.rawValue) }
    }
}

extension Failure {
    package static func permissionDenied(_ permission: String) -> Failure {
        Failure(
            .permissionDenied, reason: "PERMISSION_DENIED", "the caller lacks \(permission)",
            metadata: ["permission": permission])
    }

    package static func unauthenticated(_ message: String, reason: String = "UNAUTHENTICATED") -> Failure {
        Failure(.unauthenticated, reason: reason, message)
    }
}
