import Crypto
import EventLog
import Foundation
import GRPC
import Postgres
import PostgresTesting
import Protobuf
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

/// The service's parts on a database of their own, called as the handlers are called, under a clock that the test moves.
struct RoutingFixture: Sendable {
    let surroundings: Surroundings
    let pool: PostgresPool
    let secrets: APIKeySecrets
    /// Leads to nobody: what these tests call asks no other service.
    let nobody: Channel
    let tenantID = UUID.v7(at: .now)
    let adminID = AgentID(.v7(at: .now))

    var tenants: TenantsService { TenantsService(surroundings: surroundings) }
    var departments: DepartmentsService { DepartmentsService(surroundings: surroundings, accounts: NoAccounts()) }
    var agents: AgentsService { AgentsService(surroundings: surroundings) }
    var roles: RolesService { RolesService(surroundings: surroundings) }
    var keys: APIKeysService { APIKeysService(surroundings: surroundings, secrets: secrets) }
    var presence: PresenceService { PresenceService(surroundings: surroundings) }
    var routing: RoutingService { RoutingService(surroundings: surroundings, reader: reader) }
    var reader: SnapshotReader {
        SnapshotReader(
            surroundings: surroundings, conversations: ConversationsClient(nobody), contacts: ContactsClient(nobody))
    }

    /// A call by somebody of the tenant.
    func call(_ method: MethodDescriptor, agent: AgentID? = nil, roles: [String] = ["admin"], tenant: UUID? = nil)
        -> ServerContext
    {
        let context = ServerContext(method: method)
        context.authenticate(
            as: Principal(
                tenantID: tenant ?? tenantID, subject: (agent ?? adminID).description, kind: .agent, roles: roles))
        return context
    }

    /// A call by the platform team's tool.
    func platform(_ method: MethodDescriptor, tenant: UUID? = nil) -> ServerContext {
        let context = ServerContext(method: method)
        context.authenticate(as: Principal(tenantID: tenant ?? tenantID, subject: "switchboard", kind: .service))
        return context
    }

    var now: Instant { surroundings.clock.now }

    func advance(by duration: Duration) throws {
        try surroundings.clock.set(now.advanced(by: duration))
    }
}

/// Runs the body with a tenant on a fresh, migrated database.
func withRouting<Answer: Sendable>(_ body: (RoutingFixture) async throws -> Answer) async throws -> Answer {
    let migrations = try #require(RoutingModule.migrations)
    return try await withTestDatabase(migrating: migrations) { database in
        try await database.withPool { pool in
            pool.connectionsMax = 16
            pool.acquireTimeout = .seconds(8)
        } _: { pool in
            try await withTestClock { clock in
                let surroundings = Surroundings(
                    tenants: TenantDatabase(pool: pool, requests: RequestStore(schema: RoutingModule.name)),
                    events: EventLog(schema: RoutingModule.name, pool: pool, logger: .quiet), clock: clock,
                    pageTokens: PageTokens(secret: Array("a secret of this test".utf8)), logger: .quiet)
                let credentials = try ServiceCredentials(service: "routing", key: P256.Signing.PrivateKey().pemRepresentation)
                let nobody = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: 1)])
                let fixture = RoutingFixture(
                    surroundings: surroundings, pool: pool,
                    secrets: APIKeySecrets(credentials: credentials, audience: "switchboard"), nobody: nobody)
                _ = try await fixture.tenants.createTenant(
                    CreateTenantRequest(displayName: "Acme", requestID: UUID().text),
                    fixture.platform(TenantsServiceDescriptor.createTenant))
                let answer = try await body(fixture)
                await nobody.close()
                return answer
            }
        }
    }
}

/// A clock that stands at noon of some day until the test moves it.
func withTestClock<Answer>(_ body: (ProductClock) async throws -> Answer) async throws -> Answer {
    let path = FileManager.default.temporaryDirectory.appending(path: "routing-clock-\(UUID().text)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(ProductClock(file: TestClockFile(path: path, start: noon)))
}

// MARK: - Calls in one line

extension RoutingFixture {
    func department(
        _ name: String, method: RoutingV1.DistributionMethod = .manual, _ change: (inout RoutingV1.Department) -> Void = { _ in }
    ) async throws -> RoutingV1.Department {
        var department = RoutingV1.Department(displayName: name, method: method)
        change(&department)
        let request = CreateDepartmentRequest(department: department, requestID: UUID().text)
        return try #require(
            try await departments.createDepartment(request, call(DepartmentsServiceDescriptor.createDepartment)).department)
    }

    func agent(
        _ name: String, in departments: [RoutingV1.Department] = [], _ change: (inout RoutingV1.Agent) -> Void = { _ in }
    ) async throws -> RoutingV1.Agent {
        var agent = RoutingV1.Agent(displayName: name, roles: ["agent"], departmentIDs: departments.map(\.departmentID))
        change(&agent)
        let request = CreateAgentRequest(agent: agent, requestID: UUID().text)
        return try #require(try await agents.createAgent(request, call(AgentsServiceDescriptor.createAgent)).agent)
    }

    func current(_ agent: RoutingV1.Agent) async throws -> RoutingV1.Agent {
        try #require(
            try await agents.getAgent(GetAgentRequest(agentID: agent.agentID), call(AgentsServiceDescriptor.getAgent)).agent)
    }

    func setStatus(
        _ agent: RoutingV1.Agent, _ availability: RoutingV1.AvailabilityState, reason: String = "", until: Instant? = nil,
        by caller: AgentID? = nil, roles: [String] = ["admin"]
    ) async throws {
        _ = try await agents.setAgentStatus(
            SetAgentStatusRequest(
                agentID: agent.agentID, availability: availability, reason: reason, untilTime: until.map { .init($0) },
                requestID: UUID().text),
            call(AgentsServiceDescriptor.setAgentStatus, agent: caller, roles: roles))
    }

    func beat(_ agents: RoutingV1.Agent...) async throws -> Int {
        try await surroundings.beat(agents.map { AgentKey(tenantID: tenantID, agent: AgentID($0.agentID)!) })
    }

    /// The kinds of events in the log, in their order.
    func events() async throws -> [Routing.RoutingEvent] {
        var told: [Routing.RoutingEvent] = []
        for try await batch in surroundings.events.batches(after: nil, EventFilter(tenantID: tenantID)) {
            told += batch.events.compactMap(Routing.RoutingEvent.init)
            if batch.isLive { break }
        }
        return told
    }
}

/// The refusal of a call: its code and its reason.
func refusal(_ call: () async throws -> Void) async -> String? {
    do {
        try await call()
        return nil
    } catch let error as any RPCErrorConvertible {
        return "\(error.rpcError.code)/\(error.rpcError.reason ?? "")"
    } catch {
        return "no refusal of ours: \(error)"
    }
}

/// No account leads anywhere.
struct NoAccounts: ChannelAccountBook {
    func count(leadingTo department: DepartmentID, tenantID: UUID) async throws -> Int { 0 }
}
