import FoundationEssentials
import GRPC
import Postgres
import Protobuf
import ServiceRuntime

/// A service's tables, seen for one tenant at a time: every body is one transaction, in which row-level security lets through
/// the rows of that tenant alone.
package struct TenantDatabase: Sendable {
    package let pool: PostgresPool
    package let requests: RequestStore

    package init(pool: PostgresPool, requests: RequestStore) {
        self.pool = pool
        self.requests = requests
    }

    /// A transaction of this tenant's. The body runs again where the database asks for it.
    package func transaction<Answer: Sendable>(
        as tenantID: UUID, readOnly: Bool = false, _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        try await pool.transaction(.tenant(tenantID, readOnly: readOnly)) { try await body($0) }
    }

    /// A look at the rows of the caller's tenant.
    package func reading<Answer: Sendable>(
        _ context: ServerContext, _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        try await transaction(as: context.tenantID, readOnly: true, body)
    }

    /// A change to the rows of the caller's tenant, once per request id: request, effect, events and answer are one
    /// transaction.
    ///
    /// - Parameter requestID: where the request carries it; empty where the contract does not ask for one: then the body just
    ///   runs.
    /// - Parameter suspended: a tenant that reads only takes it, too.
    package func changing<Request: Message, Answer: Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, _ context: ServerContext, suspended: Bool = false,
        _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        let id = request[keyPath: requestID]
        var repeatable = request
        repeatable[keyPath: requestID] = ""
        return try await transaction(as: context.tenantID) { transaction in
            try await requests.once(id, repeatable, context, in: transaction, suspended: suspended) {
                try await body(transaction)
            }
        }
    }
}

extension TransactionOptions {
    /// Row-level security lets through the rows of this tenant alone.
    package static func tenant(_ id: UUID, readOnly: Bool = false) -> TransactionOptions {
        TransactionOptions(settings: ["switchboard.tenant_id": id.text], readOnly: readOnly)
    }
}

extension Runtime {
    /// The service's own tables, a tenant at a time.
    package var tenants: TenantDatabase { TenantDatabase(pool: pool, requests: requests) }
}
