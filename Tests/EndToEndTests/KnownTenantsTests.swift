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
            let permissions = ["contacts.edit", "tickets.handle", "templates.manage", "channels.manage"]
            _ = try await roles.createRole(
                CreateRoleRequest(role: RoutingV1.Role(name: "night", permissions: permissions), requestID: UUID().text),
                admin)
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
}

/// All services with one tenant, and somebody who writes in each of them.
private struct Scene: Sendable {
    /// A write in each of the services.
    enum Write: CaseIterable { case contact, ticket, snippet, webhook }

    let platform: Platform
    let services: RunningServices
    let channels: [String: GRPC.Channel]

    static func with(_ body: (Scene) async throws -> Void) async throws {
        try await Platform.with { platform in
            try await platform.running(Platform.keepers) { services in
                var channels: [String: GRPC.Channel] = [:]
                for service in Platform.keepers {
                    channels[service] = GRPC.Channel(
                        addresses: [ServerAddress(host: "127.0.0.1", port: services[service].listen.grpc)])
                }
                let scene = Scene(platform: platform, services: services, channels: channels)
                try await scene.settle()
                try await body(scene)
                for channel in channels.values { await channel.close() }
            }
        }
    }

    func channel(_ service: String) -> GRPC.Channel { channels[service]! }

    /// Until everybody has heard what routing has said.
    func settle() async throws {
        for service in Platform.keepers { try await services[service].settle() }
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
