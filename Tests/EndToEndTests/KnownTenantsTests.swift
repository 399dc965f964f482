import ChannelsV1
import ContactsV1
import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import RoutingV1
import ServiceRuntime
import TemplatesV1
import Testing
import TicketsV1
import Trials

/// What routing says of a tenant holds in every service that follows it.
@Suite("What every service knows of tenants", .serialized)
struct KnownTenantsTests {
    @Test(
        "P2, C34: a role of the tenant's own allows what it says in every service; a suspended tenant reads and writes nowhere",
        .timeLimit(.minutes(4)))
    func P2_C34_everywhere() async throws {
        try await Scene.with { scene in
            let night = try await scene.agent(["night"])
            for write in Scene.Write.allCases { #expect(await scene.try(write, night) == "PERMISSION_DENIED", "\(write)") }

            let admin = try await scene.agent(["admin"])
            let roles = RolesServiceClient(scene.channel("routing"))
            _ = try await roles.createRole(
                CreateRoleRequest(
                    role: RoutingV1.Role(name: "night", permissions: Scene.Write.permissions), requestID: UUID().text), admin)
            try await scene.settle()
            for write in Scene.Write.allCases { #expect(await scene.try(write, night) == "OK", "\(write)") }

            let tenants = TenantsServiceClient(scene.channel("routing"))
            _ = try await tenants.suspendTenant(SuspendTenantRequest(requestID: UUID().text), scene.platformTeam())
            try await scene.settle()
            for write in Scene.Write.allCases {
                for caller in [night, admin] { #expect(await scene.try(write, caller) == "TENANT_SUSPENDED", "\(write)") }
                #expect(await scene.read(write, admin) == "OK", "\(write)")
            }

            _ = try await tenants.resumeTenant(ResumeTenantRequest(requestID: UUID().text), scene.platformTeam())
            _ = try await roles.deleteRole(DeleteRoleRequest(name: "night", requestID: UUID().text), admin)
            try await scene.settle()
            for write in Scene.Write.allCases {
                #expect(await scene.try(write, admin) == "OK", "\(write)")
                #expect(await scene.try(write, night) == "PERMISSION_DENIED", "\(write)")
            }
        }
    }

    @Test(
        "C22, C41: departments and their members are routing's: tickets go to none that is not there, snippets are shown to who is in it",
        .timeLimit(.minutes(4)))
    func C22_departments() async throws {
        try await Scene.with { scene in
            let admin = try await scene.agent(["admin"])
            let (departments, agents) = (
                DepartmentsServiceClient(scene.channel("routing")), AgentsServiceClient(scene.channel("routing"))
            )
            let care = try #require(
                try await departments.createDepartment(
                    CreateDepartmentRequest(department: RoutingV1.Department(displayName: "Care"), requestID: UUID().text), admin
                ).department)
            try await scene.settle()
            #expect(await scene.openTicket(in: care.departmentID, admin) == "OK")
            #expect(await scene.openTicket(in: UUID().text, admin) == "DEPARTMENT_NOT_FOUND")

            _ = try await SnippetsServiceClient(scene.channel("templates")).createSnippet(
                CreateSnippetRequest(
                    snippet: Snippet(
                        shortcut: "care", title: "Care", departmentIDs: [care.departmentID], texts: [SnippetText(text: "Hi")]),
                    requestID: UUID().text), admin)
            let agent = try await scene.agent(["agent"])
            #expect(try await scene.snippets(agent) == [])
            let ana = try #require(
                try await agents.getAgent(GetAgentRequest(agentID: scene.platform.agentID.text), admin).agent)
            _ = try await agents.updateAgent(
                UpdateAgentRequest(
                    agent: RoutingV1.Agent(agentID: ana.agentID, departmentIDs: ana.departmentIDs + [care.departmentID]),
                    updateMask: .init(paths: ["department_ids"]), requestID: UUID().text), admin)
            try await scene.settle()
            #expect(try await scene.snippets(agent) == ["care"])

            _ = try await departments.archiveDepartment(
                ArchiveDepartmentRequest(departmentID: care.departmentID, requestID: UUID().text), admin)
            try await scene.settle()
            #expect(await scene.openTicket(in: care.departmentID, admin) == "DEPARTMENT_NOT_FOUND")
        }
    }

    @Test(
        "experiment 7: a zombie of each service learns nothing that is no longer true when it wakes",
        .timeLimit(.minutes(4)))
    func E7_nothingStaleIsLearned() async throws {
        try await Scene.with(replicas: 2) { scene in
            let awake = scene.at(1)
            let admin = try await scene.agent(["admin"])
            let roles = RolesServiceClient(awake.channel("routing"))
            let gone = (0..<10).map { "gone-\($0)" }
            func create(_ role: String) async throws {
                _ = try await roles.createRole(
                    CreateRoleRequest(
                        role: RoutingV1.Role(name: role, permissions: Scene.Write.permissions), requestID: UUID().text), admin)
            }
            for role in gone { try await create(role) }
            // Some of that is in their hands.
            try await scene.services.stopping(0, of: Platform.keepers) {
                for role in gone {
                    _ = try await roles.deleteRole(DeleteRoleRequest(name: role, requestID: UUID().text), admin)
                }
                try await create("night")
                // Who followed the one that sleeps has found another one to follow.
                let night = try await scene.agent(["night"])
                for write in Scene.Write.allCases { try await eventually { await awake.try(write, night) == "OK" } }
            }
            for replica in [scene, awake] { try await replica.settle() }
            for replica in [scene, awake] {
                for write in Scene.Write.allCases {
                    #expect(try await replica.try(write, scene.agent(gone)) == "PERMISSION_DENIED", "\(write)")
                    #expect(try await replica.try(write, scene.agent(["night"])) == "OK", "\(write)")
                }
            }
        }
    }
}

/// All services with one tenant, and somebody who writes in each of them.
private struct Scene: Sendable {
    /// A write in each of the services.
    enum Write: CaseIterable {
        case contact, ticket, snippet, webhook

        /// What it takes to do all of them.
        static let permissions = ["contacts.edit", "tickets.handle", "templates.manage", "channels.manage"]
    }

    let platform: Platform
    let services: RunningServices
    private let channels: [String: [GRPC.Channel]]
    /// Who is asked.
    private var replica = 0

    static func with(replicas: Int = 1, _ body: (Scene) async throws -> Void) async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers, replicas: replicas) { services in
                let scene = Scene(platform, services)
                for replica in 0..<replicas { try await scene.at(replica).settle() }
                try await body(scene)
                for channel in scene.channels.values.flatMap(\.self) { await channel.close() }
            }
        }
    }

    private init(_ platform: Platform, _ services: RunningServices) {
        (self.platform, self.services) = (platform, services)
        channels = Dictionary(
            uniqueKeysWithValues: Platform.keepers.map { service in
                let ports = services.replicas(of: service).map(\.listen.grpc)
                return (service, ports.map { GRPC.Channel(addresses: [ServerAddress(host: "127.0.0.1", port: $0)]) })
            })
    }

    /// The same with another replica of every service.
    func at(_ replica: Int) -> Scene {
        var scene = self
        scene.replica = replica
        return scene
    }

    func channel(_ service: String) -> GRPC.Channel { channels[service]![replica] }

    /// Until everybody who is asked has heard what routing has said.
    func settle() async throws {
        for service in Platform.keepers { try await services.replicas(of: service)[replica].settle() }
    }

    func agent(_ roles: [String]) async throws -> CallOptions {
        let token = try await LocalKeys(directory: platform.keys).agentToken(
            tenantID: platform.tenantID, agentID: platform.agentID, name: "Ana", roles: roles)
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }

    func platformTeam() async throws -> CallOptions {
        let token = try await platform.credentials(of: "switchboard").token(for: "routing")
        return CallOptions(
            timeout: .seconds(30),
            metadata: ["authorization": "Bearer \(token)", ServiceCredentials.tenantMetadata: platform.tenantID.text])
    }

    /// - Returns: the reason of the refusal, or OK.
    func `try`(_ write: Write, _ caller: CallOptions) async -> String {
        await answer {
            switch write {
            case .contact:
                _ = try await ContactsServiceClient(channel("contacts")).createContact(
                    CreateContactRequest(contact: Contact(displayName: "Bea"), requestID: UUID().text), caller)
            case .ticket:
                _ = try await TicketsServiceClient(channel("tickets")).createTicket(
                    CreateTicketRequest(ticket: Ticket(subject: "A question"), requestID: UUID().text), caller)
            case .snippet:
                let word = "s" + UUID().text.prefix(8)
                _ = try await SnippetsServiceClient(channel("templates")).createSnippet(
                    CreateSnippetRequest(
                        snippet: Snippet(shortcut: word, title: "T", texts: [SnippetText(text: "Hi")]), requestID: UUID().text),
                    caller)
            case .webhook:
                _ = try await WebhooksServiceClient(channel("channels")).createWebhook(
                    CreateWebhookRequest(
                        webhook: Webhook(displayName: "W", url: "http://127.0.0.1:1/", eventTypes: ["contact.created"]),
                        requestID: UUID().text), caller)
            }
        }
    }

    func read(_ write: Write, _ caller: CallOptions) async -> String {
        await answer {
            switch write {
            case .contact: _ = try await ContactsServiceClient(channel("contacts")).listContacts(.init(), caller)
            case .ticket: _ = try await TicketsServiceClient(channel("tickets")).listTickets(.init(), caller)
            case .snippet: _ = try await SnippetsServiceClient(channel("templates")).listSnippets(.init(), caller)
            case .webhook: _ = try await WebhooksServiceClient(channel("channels")).listWebhooks(.init(), caller)
            }
        }
    }

    func openTicket(in department: String, _ caller: CallOptions) async -> String {
        await answer {
            _ = try await TicketsServiceClient(channel("tickets")).createTicket(
                CreateTicketRequest(ticket: Ticket(subject: "A question", departmentID: department), requestID: UUID().text),
                caller)
        }
    }

    func snippets(_ caller: CallOptions) async throws -> [String] {
        try await SnippetsServiceClient(channel("templates")).listSnippets(.init(), caller).snippets.map(\.shortcut)
    }

    private func answer(_ call: () async throws -> Void) async -> String {
        do {
            try await call()
            return "OK"
        } catch let error as RPCError {
            return error.reason ?? "\(error.code)"
        } catch {
            return "\(error)"
        }
    }
}
