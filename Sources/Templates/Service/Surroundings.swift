import EventLog
import FoundationEssentials
import GRPC
import Postgres
import Protobuf
import ServiceDatabase
import ServiceRuntime
import TenantDirectory
import WallTime

/// What every handler of this service works with.
struct Surroundings: Sendable {
    let tenants: TenantDatabase
    let eventLog: EventLog
    let pageTokens: PageTokens
    let clock: ProductClock
    let known: KnownTenants
}

extension Surroundings {
    /// Reads as the caller's tenant.
    func reading<Answer: Sendable>(
        _ context: ServerContext, _ body: (Transaction, UUID) async throws -> Answer
    ) async throws -> Answer {
        let tenantID = try context.tenantID
        return try await tenants.reading(context) { try await body($0, tenantID) }
    }

    /// Changes as the caller's tenant, once per request id. State, history, events and the answer to be repeated are committed
    /// together.
    /// - Parameter suspended: a tenant that reads only takes it, too.
    func changing<Request: Message, Answer: Message>(
        _ request: Request, requestID: WritableKeyPath<Request, String>, _ context: ServerContext, suspended: Bool = false,
        _ body: (Changes) async throws -> Answer
    ) async throws -> Answer {
        let (tenantID, author) = (try context.tenantID, try AuditAuthor(context))
        return try await tenants.changing(request, requestID, context, suspended: suspended) { transaction in
            try await body(
                Changes(transaction: transaction, tenantID: tenantID, eventLog: eventLog, now: clock.now, author: author))
        }
    }
}

/// Changes inside one transaction: every change brings its event.
struct Changes: Sendable {
    let transaction: Transaction
    let tenantID: UUID
    let eventLog: EventLog
    /// Product time of all that happens here.
    let now: Instant
    let author: AuditAuthor

    /// Who does it, as histories tell it.
    var actor: String { author.actor }

    var templates: TemplateStore { TemplateStore(transaction: transaction, tenantID: tenantID) }
    var snippets: SnippetStore { SnippetStore(transaction: transaction, tenantID: tenantID) }

    /// Leaves a line in the trail (P7).
    func audit(_ subject: String, paths: [String] = []) {
        AuditTrail(schema: TemplatesModule.name).leave(
            AuditLine(author, subject, paths: paths, at: now), of: tenantID, in: transaction)
    }

    func tell(_ events: [TemplateEvent]) async throws {
        try await eventLog.append(events.map { $0.newEvent(tenantID: tenantID, time: now) }, in: transaction)
    }
}
