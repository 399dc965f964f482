import EventLog
import FoundationEssentials
import GRPC
import GoogleRPC
import Logging
import Postgres
import PostgresTesting
import Protobuf
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import Synchronization
import TemplatesV1
import TenantDirectory
import Testing
import WallTime

@testable import Templates

/// The services on a database of their own, called as the handlers are called: without a network, which is not the point here.
struct TemplatesFixture: Sendable {
    let service: TemplatesService
    let snippets: SnippetsService
    let pool: PostgresPool
    let clock: SettableClock
    let people: People

    /// One tenant's people, and a foreign tenant.
    struct People: Sendable {
        let tenantID = UUID.v7(at: .now)
        let otherTenantID = UUID.v7(at: .now)
        let agentID = UUID.v7(at: .now)
        let departmentID = UUID.v7(at: .now)
        let otherDepartmentID = UUID.v7(at: .now)
        let accountID = UUID.v7(at: .now)

        /// The agent is in one department.
        var membership: RoutingEvent {
            let agent = RoutingV1.Agent(agentID: agentID.text, departmentIDs: [departmentID.text])
            return RoutingEvent(kind: .agent, tenantID: tenantID.text, row: .agent(agent))
        }
    }

    enum Caller: Sendable { case agent, admin, stranger, channels }

    func call(_ method: MethodDescriptor, by caller: Caller = .admin) -> ServerContext {
        let context = ServerContext(method: method)
        let tenantID = caller == .stranger ? people.otherTenantID : people.tenantID
        let principal =
            switch caller {
            case .channels: Principal(tenantID: tenantID, subject: "channels", kind: .service)
            case .agent: Principal(tenantID: tenantID, subject: people.agentID.text, kind: .agent, roles: ["agent"])
            case .admin, .stranger:
                Principal(tenantID: tenantID, subject: UUID.v7(at: .now).text, kind: .agent, roles: ["admin"])
            }
        context.authenticate(as: principal)
        return context
    }
}

/// Product time that a test sets.
final class SettableClock: Sendable {
    private let instant = Mutex(Instant(seconds: 1_790_000_000))

    var now: Instant { instant.withLock { $0 } }

    func advance(by duration: Duration) { instant.withLock { $0 = $0.advanced(by: duration) } }
}

/// Runs the body with the services on a fresh, migrated database.
func withTemplates<Answer: Sendable>(_ body: (TemplatesFixture) async throws -> Answer) async throws -> Answer {
    let migrations = try #require(TemplatesModule.migrations)
    return try await withTestDatabase(migrating: migrations) { database in
        // Sixteen callers at once are no test of the pool's bounds.
        try await database.withPool { pool in
            pool.connectionsMax = 16
            pool.acquireTimeout = .seconds(8)
        } _: { pool in
            let (clock, people) = (SettableClock(), TemplatesFixture.People())
            let known = KnownTenants(schema: TemplatesModule.name, pool: pool)
            try await pool.transaction(.tenant(people.tenantID)) { try await known.learn(people.membership, $0) }
            let surroundings = Surroundings(
                tenants: known.database,
                eventLog: EventLog(schema: TemplatesModule.name, pool: pool, logger: .quiet),
                pageTokens: PageTokens(secret: Array("a secret of this test".utf8)), clock: ProductClock { clock.now },
                known: known)
            return try await body(
                TemplatesFixture(
                    service: TemplatesService(surroundings: surroundings), snippets: SnippetsService(surroundings: surroundings),
                    pool: pool, clock: clock, people: people))
        }
    }
}

extension Logger {
    fileprivate static var quiet: Logger { Logger(label: "templates") { _ in SwiftLogNoOpLogHandler() } }
}

// MARK: - Calls in one line

extension TemplatesFixture {
    typealias Methods = TemplatesServiceDescriptor

    /// The example of CHANNELS.md 2.7.
    func draft(_ name: String = "order_update", language: String = "en_US", text: String = "Hi {{1}}, order {{2}} shipped.")
        -> TemplatesV1.Template
    {
        let variables = TemplateText(text).variables
        return TemplatesV1.Template(
            channelAccountID: people.accountID.text, name: name, language: language, category: .utility,
            body: .init(text: text, examples: variables.map { .init(variable: $0, text: "Ana") }))
    }

    func create(_ template: TemplatesV1.Template, by caller: Caller = .admin, requestID: String = UUID().text) async throws
        -> TemplatesV1.Template
    {
        let request = CreateTemplateRequest(template: template, requestID: requestID)
        return try #require(try await service.createTemplate(request, call(Methods.createTemplate, by: caller)).template)
    }

    func get(_ id: String, by caller: Caller = .admin) async throws -> TemplatesV1.Template {
        try #require(
            try await service.getTemplate(.init(templateID: id), call(Methods.getTemplate, by: caller)).template)
    }

    @discardableResult
    func update(
        _ template: TemplatesV1.Template, mask: [String] = [], etag: String = "", requestID: String = UUID().text
    ) async throws -> TemplatesV1.Template {
        let request = UpdateTemplateRequest(
            template: template, updateMask: .init(paths: mask), etag: etag, requestID: requestID)
        return try #require(try await service.updateTemplate(request, call(Methods.updateTemplate)).template)
    }

    @discardableResult
    func submit(_ id: String, etag: String = "") async throws -> TemplatesV1.Template {
        let request = SubmitTemplateRequest(templateID: id, etag: etag, requestID: UUID().text)
        return try #require(try await service.submitTemplate(request, call(Methods.submitTemplate)).template)
    }

    func delete(_ id: String) async throws {
        let request = DeleteTemplateRequest(templateID: id, requestID: UUID().text)
        _ = try await service.deleteTemplate(request, call(Methods.deleteTemplate))
    }

    /// What the provider says now, or so long ago.
    @discardableResult
    func report(
        _ verdict: TemplatesV1.ProviderVerdict, of id: String, ago: Duration = .zero,
        _ change: (inout TemplatesV1.ProviderReport) -> Void = { _ in }
    ) async throws -> ReportTemplateStatusResponse {
        var report = TemplatesV1.ProviderReport(
            verdict: verdict, providerTime: .init(clock.now.advanced(by: .zero - ago)))
        change(&report)
        return try await service.reportTemplateStatus(
            .init(templateID: id, report: report), call(Methods.reportTemplateStatus, by: .channels))
    }

    /// A template that the provider has approved.
    func approved(_ template: TemplatesV1.Template? = nil) async throws -> TemplatesV1.Template {
        let created = try await create(template ?? draft())
        try await submit(created.templateID)
        clock.advance(by: .seconds(60))
        return try #require(try await report(.approved, of: created.templateID).template)
    }

    func render(
        _ id: String, _ variables: [String: String] = ["1": "Ana", "2": "A-1"], locales: [String] = []
    ) async throws -> RenderedTemplate {
        let request = RenderTemplateRequest(
            templateID: id, channelAccountID: people.accountID.text, locales: locales, variables: variables)
        return try #require(try await service.renderTemplate(request, call(Methods.renderTemplate, by: .agent)).rendered)
    }

    func list(by caller: Caller = .agent, _ request: ListTemplatesRequest = .init()) async throws -> ListTemplatesResponse {
        try await service.listTemplates(request, call(Methods.listTemplates, by: caller))
    }

    func history(_ id: String) async throws -> [TemplatesV1.TemplateHistoryEntry] {
        let request = ListTemplateHistoryRequest(templateID: id, pageSize: 200)
        return try await service.listTemplateHistory(request, call(Methods.listTemplateHistory)).historyEntries
    }

    /// All events that this caller is told.
    func events(by caller: Caller = .admin) async throws -> [TemplatesV1.TemplateEvent] {
        let principal = try call(Methods.watch, by: caller).principal
        let viewer = try await service.surroundings.known.viewer(principal)
        var events: [TemplatesV1.TemplateEvent] = []
        for try await batch in service.surroundings.eventLog.batches(after: nil, EventFilter(tenantID: principal.tenantID)) {
            events += try await service.joined(batch, for: viewer).compactMap(\.event)
            if batch.isLive { break }
        }
        return events
    }
}

extension TemplatesFixture {
    typealias SnippetMethods = SnippetsServiceDescriptor

    func snippet(
        _ shortcut: String, _ title: String = "A title", _ text: String = "Hi {{contact.first_name}}", departments: [UUID] = []
    ) async throws -> TemplatesV1.Snippet {
        let snippet = TemplatesV1.Snippet(
            shortcut: shortcut, title: title, departmentIDs: departments.map(\.text), texts: [.init(text: text)])
        let request = CreateSnippetRequest(snippet: snippet, requestID: UUID().text)
        return try #require(try await snippets.createSnippet(request, call(SnippetMethods.createSnippet)).snippet)
    }

    func search(_ query: String, by caller: Caller = .agent) async throws -> [String] {
        let request = SearchSnippetsRequest(query: query, pageSize: 50)
        return try await snippets.searchSnippets(request, call(SnippetMethods.searchSnippets, by: caller)).matches
            .compactMap(\.snippet?.shortcut)
    }

    @discardableResult
    func use(_ id: String, requestID: String = UUID().text, by caller: Caller = .agent) async throws -> Int32 {
        let request = RecordSnippetUseRequest(snippetID: id, requestID: requestID)
        return try await snippets.recordSnippetUse(request, call(SnippetMethods.recordSnippetUse, by: caller)).useCount
    }
}

/// The reason of a refusal, and the fields that it names; empty for none.
func refusal(_ call: () async throws -> Void) async -> String {
    do {
        try await call()
        return ""
    } catch let error as any RPCErrorConvertible {
        let error = error.rpcError
        let fields = error.detail(BadRequest.self)?.fieldViolations.map(\.field) ?? []
        return (["\(error.code)", error.reason ?? "-"] + fields).joined(separator: " ")
    } catch {
        Issue.record("no refusal of ours: \(error)")
        return "\(error)"
    }
}
