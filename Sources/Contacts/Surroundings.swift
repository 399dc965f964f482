import EventLog
import FoundationEssentials
import GRPC
import Postgres
import Protobuf
import ServiceDatabase
import ServiceRuntime
import WallTime

/// What the handlers of this service work with.
struct Surroundings: Sendable {
    let pool: PostgresPool
    let eventLog: EventLog
    let requests: RequestStore
    let pageTokens: PageTokens
    let clock: ProductClock
    let offload: OffloadPool
}

/// The handlers of one of this service's contracts.
protocol Handlers: Sendable {
    var surroundings: Surroundings { get }
}

extension Handlers {
    var pool: PostgresPool { surroundings.pool }
    var eventLog: EventLog { surroundings.eventLog }
    var pageTokens: PageTokens { surroundings.pageTokens }
    var clock: ProductClock { surroundings.clock }

    /// Reads as the caller's tenant.
    func reading<Answer: Sendable>(
        _ context: ServerContext, _ body: (ContactStore) async throws -> Answer
    ) async throws -> Answer {
        let tenantID = try context.tenantID
        return try await pool.transaction(.reading(as: tenantID)) { transaction in
            try await body(ContactStore(transaction: transaction, tenantID: tenantID))
        }
    }

    /// Changes as the caller's tenant, once per request id. State, timeline, events and the answer to be repeated are
    /// committed together.
    /// - Parameter suspended: a tenant that reads only takes it, too.
    func changing<Request: Message, Answer: Message>(
        _ request: Request, requestID: WritableKeyPath<Request, String>, _ context: ServerContext, suspended: Bool = false,
        _ body: (ContactChanges) async throws -> Answer
    ) async throws -> Answer {
        var repeatable = request
        repeatable[keyPath: requestID] = ""
        return try await changing(context) { changes in
            try await surroundings.requests.once(
                request[keyPath: requestID], repeatable, context, in: changes.store.transaction, suspended: suspended
            ) {
                try await body(changes)
            }
        }
    }

    /// Changes as the caller's tenant, each time it is called.
    func changing<Answer: Sendable>(
        _ context: ServerContext, _ body: (ContactChanges) async throws -> Answer
    ) async throws -> Answer {
        let (tenantID, actor, author) = (try context.tenantID, try context.principal.subject, try AuditAuthor(context))
        return try await pool.transaction(.changing(as: tenantID)) { transaction in
            let store = ContactStore(transaction: transaction, tenantID: tenantID)
            return try await body(ContactChanges(store: store, eventLog: eventLog, now: clock.now, actor: actor, author: author))
        }
    }
}

extension TransactionOptions {
    /// Row-level security lets through the rows of this tenant alone.
    static func changing(as tenantID: UUID) -> TransactionOptions {
        TransactionOptions(settings: [tenantSetting: tenantID.text])
    }

    static func reading(as tenantID: UUID) -> TransactionOptions {
        TransactionOptions(settings: [tenantSetting: tenantID.text], readOnly: true)
    }

    private static let tenantSetting = "switchboard.tenant_id"
}
