import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import Protobuf
import ServiceDatabase
import ServiceRuntime
import Synchronization
import TenantDirectory
import WallTime
import WorkingTime

/// What every handler and every loop of this service works with.
struct Surroundings: Sendable {
    static let schema = TicketsModule.name

    var tenants: TenantDatabase
    var known: KnownTenants
    var events: EventLog
    var jobs: JobQueue
    var clock: ProductClock
    var pageTokens: PageTokens
    var contacts: any ContactBook
    var conversations: any ConversationBook
    var calendars = CompiledCalendars()
    var logger: Logger
}

extension Surroundings {
    /// A look at a tenant's rows.
    func read<Answer: Sendable>(_ context: ServerContext, _ body: (Work) async throws -> Answer)
        async throws -> Answer
    {
        let caller = try Caller(context)
        return try await tenants.reading(context) { transaction in
            try await body(Work(self, caller, transaction, now: clock.now))
        }
    }

    /// A change, once per request id: request, effect, events and answer are one transaction.
    func write<Request: Protobuf.Message, Response: Protobuf.Message>(
        _ request: Request, _ requestID: WritableKeyPath<Request, String>, _ context: ServerContext,
        _ body: (Work) async throws -> Response
    ) async throws -> Response {
        let caller = try Caller(context)
        return try await tenants.changing(request, requestID, context) { transaction in
            try await body(Work(self, caller, transaction, now: clock.now))
        }
    }

    var pool: PostgresPool { tenants.pool }

    /// Work of the service's own, for one tenant.
    func ownWork(_ tenantID: UUID, _ transaction: Transaction, as actor: Actor = .system) -> Work {
        Work(
            self, Caller(tenantID: tenantID, actor: actor, seesInternal: true), transaction,
            now: clock.now)
    }
}

/// Who calls, as far as tickets ask.
struct Caller: Sendable {
    var tenantID: UUID
    var actor: Actor
    /// Internal tickets and comments are as unknown to everybody else as another tenant's.
    var seesInternal: Bool
    /// Who, as the audit trail tells it: whose files are his until a comment shows them.
    var identity: String { author.actor }
    /// What he does is the RPC's name; empty for the service's own work.
    var author = AuditAuthor(actor: "service:\(TicketsModule.name)", action: "")

    init(tenantID: UUID, actor: Actor, seesInternal: Bool) {
        self.tenantID = tenantID
        self.actor = actor
        self.seesInternal = seesInternal
    }

    init(_ context: ServerContext) throws {
        let principal = try context.principal
        tenantID = try context.tenantID
        author = try AuditAuthor(context)
        actor =
            switch principal.kind {
            case .agent: Actor(kind: .agent, id: principal.subject)
            case .bot: Actor(kind: .bot, id: principal.subject)
            case .integrator: Actor(kind: .integrator, id: principal.subject)
            case .service, .visitor: .system
            }
        seesInternal = principal.kind == .service || principal.has(.ticketsInternal)
    }
}

/// Where a requester is looked up: the contacts service, or a test's own.
protocol ContactBook: Sendable {
    /// The living contact behind an id, which is the survivor's where it was merged; nil where there is none.
    func living(_ id: UUID, tenantID: UUID) async throws -> UUID?
}

/// Where a conversation is looked up and told of its ticket: the conversations service, or a test's own.
protocol ConversationBook: Sendable {
    /// Whether the running call's own caller may read a conversation.
    /// - Throws: the refusal, where he may not.
    func checkReadable(_ id: UUID) async throws
}

/// Calendars in the form that counts. Zones are read from files, so that each is made once.
final class CompiledCalendars: Sendable {
    /// More than that are forgotten and made again.
    static let countMax = 1_000

    private let made = Mutex<[CalendarHours: WorkingCalendar]>([:])

    func calendar(_ hours: CalendarHours) throws -> WorkingCalendar {
        if let known = made.withLock({ $0[hours] }) { return known }
        let calendar = try hours.calendar()
        made.withLock { made in
            if made.count >= Self.countMax { made.removeAll() }
            made[hours] = calendar
        }
        return calendar
    }
}
