import FoundationEssentials
import GRPC
import ServiceRuntime
import WallTime

/// One line of a trail.
package struct AuditLine: Sendable, Hashable {
    package var author: AuditAuthor
    /// To what: an id or a name.
    package var subject: String
    /// Which fields were changed.
    package var paths: [String]
    /// Product time.
    package var time: Instant

    package init(_ author: AuditAuthor, _ subject: String, paths: [String] = [], at time: Instant) {
        (self.author, self.subject, self.paths, self.time) = (author, subject, paths, time)
    }
}

/// Who does what, and for whom: all lines of one call share it.
package struct AuditAuthor: Sendable, Hashable {
    /// As in agent:0198c0de-0000-7000-8000-000000000101.
    package var actor: String
    /// The RPC's name, or the system's word for what it does.
    package var action: String
    /// As in tenant:0198c0de-0000-7000-8000-000000000001, where a service acts in its own name; empty: the actor for himself.
    package var onBehalfOf: String

    package init(actor: String, action: String, onBehalfOf: String = "") {
        (self.actor, self.action, self.onBehalfOf) = (actor, action, onBehalfOf)
    }

    /// - Throws: UNAUTHENTICATED where nobody calls.
    package init(_ context: ServerContext) throws {
        let principal = try context.principal
        self.init(
            actor: principal.identity, action: context.method.method,
            onBehalfOf: principal.kind == .service ? "tenant:\(try context.tenantID.text)" : "")
    }
}
