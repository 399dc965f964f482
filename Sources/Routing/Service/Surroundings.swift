import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import Protobuf
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import WallTime

/// What every handler and loop of this service works with.
struct Surroundings: Sendable {
    static let schema = "routing"

    let tenants: TenantDatabase
    let events: EventLog
    let clock: ProductClock
    let pageTokens: PageTokens
    let logger: Logger

    var pool: PostgresPool { tenants.pool }
    var jobs: JobQueue { JobQueue(schema: Self.schema, pool: pool) }
}

extension Surroundings {
    /// A look at the caller's tenant.
    func read<Answer: Sendable>(
        _ context: ServerContext, _ body: (RoutingStore) async throws -> Answer
    ) async throws -> Answer {
        try await transaction(context.tenantID, readOnly: true) { try await body($0) }
    }

    /// A change in the caller's tenant, once per request id: rows, trail, events and the answer to be repeated are committed
    /// together.
    ///
    /// - Parameter suspended: a suspended tenant takes it, too.
    func write<Request: Message, Answer: Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, _ context: ServerContext, suspended: Bool = false,
        _ body: (RoutingWork) async throws -> Answer
    ) async throws -> Answer {
        let tenantID = try context.tenantID
        let actor = try context.principal.identity
        let now = clock.now
        return try await tenants.changing(request, requestID, context) { transaction in
            let store = RoutingStore(transaction: transaction, tenantID: tenantID)
            if !suspended { guard try await store.isActive() else { throw RoutingError.tenantSuspended } }
            let work = RoutingWork(store: store, surroundings: self, now: now, actor: actor, action: context.method.method)
            return try await body(work)
        }
    }

    func transaction<Answer: Sendable>(
        _ tenantID: UUID, readOnly: Bool = false, _ body: (RoutingStore) async throws -> Answer
    ) async throws -> Answer {
        try await tenants.transaction(as: tenantID, readOnly: readOnly) { transaction in
            try await body(RoutingStore(transaction: transaction, tenantID: tenantID))
        }
    }
}

/// One change inside one transaction: every one leaves its line in the trail and its event.
struct RoutingWork: Sendable {
    let store: RoutingStore
    let surroundings: Surroundings
    /// Product time of all that happens here.
    let now: Instant
    /// Who does it, as the trail tells it.
    let actor: String
    /// What he does: the RPC's name, or the system's word.
    let action: String

    var tenantID: UUID { store.tenantID }

    var presence: PresenceChanges {
        PresenceChanges(
            store: PresenceStore(transaction: store.transaction), events: surroundings.events, jobs: surroundings.jobs, now: now)
    }

    /// The agent who does it; `nil`: no agent.
    var agent: AgentID? { actor.hasPrefix("agent:") ? AgentID(String(actor.dropFirst("agent:".count))) : nil }

    func note(_ event: RoutingEvent, subject: String, paths: [String] = []) async throws {
        audit(subject: subject, paths: paths)
        try await tell(event)
    }

    /// What leaves a trail and is no news to others.
    func audit(subject: String, paths: [String] = []) {
        let author = AuditAuthor(
            actor: actor, action: action, onBehalfOf: actor.hasPrefix("service:") ? "tenant:\(tenantID.text)" : "")
        AuditTrail(schema: Surroundings.schema).leave(
            AuditLine(author, subject, paths: paths, at: now), of: tenantID, in: store.transaction)
    }

    /// What others must know and no trail: presence comes and goes.
    func tell(_ event: RoutingEvent) async throws {
        try await surroundings.events.append([event.newEvent(tenantID: tenantID, time: now)], in: store.transaction)
    }
}
