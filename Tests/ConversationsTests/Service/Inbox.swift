import ConversationsV1
import Crypto
import EventLog
import Foundation
import GRPC
import GoogleRPC
import Logging
import Postgres
import PostgresTesting
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import Synchronization
import Testing
import WallTime

@testable import Conversations

/// The conversations service on a database of its own, with a clock that tests move and contacts that are made up: every
/// handler as a caller reaches it, without the network.
struct Inbox: Sendable {
    let surroundings: Surroundings
    let database: TestDatabase
    let book: FakeContacts

    var service: ConversationsService { ConversationsService(surroundings: surroundings) }
    var widget: WidgetService { WidgetService(surroundings: surroundings) }
    var files: AttachmentsService { AttachmentsService(surroundings: surroundings) }
    var accounts: ChannelAccountsService { ChannelAccountsService(surroundings: surroundings) }

    /// Events of routing, as the consumer applies them; all of one tenant's.
    func hear(_ events: [RoutingEvent]) async throws {
        guard let tenantID = events.first.flatMap({ UUID(id: $0.tenantID) }) else { return }
        try await surroundings.transaction(tenantID) { transaction in
            for event in events { try await surroundings.learn(event, transaction) }
        }
    }

    func advance(_ duration: Duration) throws {
        try surroundings.clock.set(surroundings.clock.now.advanced(by: duration))
    }
}

/// Contacts as the tests need them: one per address, the same for the same one.
final class FakeContacts: ContactBook {
    private let known = Mutex<[ContactAddress: UUID]>([:])

    private let interruption = Mutex<(@Sendable (UUID) async throws -> Void)?>(nil)

    /// What happens, once, between an answer and what is done with it.
    func interrupt(_ body: @escaping @Sendable (UUID) async throws -> Void) { interruption.withLock { $0 = body } }

    func resolve(_ address: ContactAddress, tenantID: UUID) async throws -> ResolvedContact {
        let key = ContactAddress(channel: address.channel, accountID: address.accountID, address: address.address)
        let id = known.withLock { known in
            let id = known[key] ?? UUID.v7(at: .now)
            known[key] = id
            return id
        }
        try await interruption.withLock { $0.take() }?(id)
        return ResolvedContact(id: id)
    }

    /// His addresses are nobody's from now on.
    func forget(_ contact: UUID) { known.withLock { known in known = known.filter { $0.value != contact } } }

    func addresses(of contact: UUID, on account: Conversations.ChannelAccount, tenantID: UUID) async throws -> [ContactAddress]? {
        let mine = known.withLock { $0.filter { $0.value == contact }.map(\.key) }
        return mine.isEmpty ? nil : mine.filter { $0.accountID == account.id }
    }

    func locale(of contact: UUID, tenantID: UUID) async throws -> String { "" }

    func add(_ addresses: [LeftAddress], to own: ContactAddress, tenantID: UUID) async throws -> Bool {
        left.withLock { left in
            let isFree = addresses.allSatisfy { left[$0] == nil || left[$0] == own.address }
            for address in addresses where left[address] == nil { left[address] = own.address }
            return isFree
        }
    }

    func join(_ guest: ContactAddress, into user: ContactAddress, tenantID: UUID) async throws {
        joined.withLock { _ = $0.insert([guest.address, user.address]) }
    }

    /// Which addresses became one contact's.
    let joined = Mutex<Set<[String]>>([])

    /// Who has left which address.
    let left = Mutex<[LeftAddress: String]>([:])
    func consent(
        to purpose: String, of contact: UUID, on channel: Conversations.ChannelKind, tenantID: UUID
    ) async throws -> ContactConsent? { nil }

    /// One more address of a contact.
    func add(_ address: ContactAddress, to contact: UUID) { known.withLock { $0[address] = contact } }
}

/// Nobody sends a template here: where templates are sent, the real service stands beside (`Desk`).
struct NoTemplates: TemplateBook {
    func render(
        _ wish: TemplateWish, on account: Conversations.ChannelAccount, tenantID: UUID
    ) async throws -> RenderedTemplate {
        throw ConversationsError.dependencyUnavailable("templates")
    }
}

/// A tenant's people and places.
struct Tenant: Sendable {
    let id: UUID
    let sales: UUID
    let support: UUID
    let webchat: UUID
    let whatsapp: UUID
    let widgetKey: String
    /// Agents of sales, of support, and of both.
    let ana: UUID
    let bob: UUID
    let cleo: UUID
    let operatorID: UUID
    let admin: UUID

    init(_ seed: Int) {
        func id(_ n: Int) -> UUID { UUID(uuidString: String(format: "00000000-%04x-7000-8000-%012x", seed, n))! }
        (self.id, sales, support, webchat, whatsapp) = (id(1), id(2), id(3), id(4), id(5))
        (ana, bob, cleo, operatorID, admin) = (id(6), id(7), id(8), id(9), id(10))
        widgetKey = "wk_\(seed)"
    }

    /// As routing would publish it: everybody is there.
    func events(loadMax: Int32, pendingLimit: Int32, extraAgents: [UUID]) -> [RoutingEvent] {
        let people = [(ana, "Ana", [sales]), (bob, "Bob", [support]), (cleo, "Cleo", [sales, support])]
        let supervisors = [(operatorID, "Otto", [UUID]()), (admin, "Ada", [])]
        let agents = people + supervisors + extraAgents.map { ($0, "Extra", [sales]) }
        return [
            event(
                .tenant(
                    .init(tenantID: id.text, displayName: "T", settings: .init(defaultDepartmentID: sales.text)))),
            event(.department(.init(departmentID: sales.text, displayName: "Sales", pendingLimit: pendingLimit))),
            event(
                .department(
                    .init(
                        departmentID: support.text, displayName: "Support", acceptMode: .onReply, disconnectRule: .requeueFront))),
        ] + agents.map { event(.agent(agent($0, $1, $2, loadMax: loadMax))) }
    }

    func agent(_ id: UUID, _ name: String, _ departments: [UUID], loadMax: Int32 = 5) -> RoutingV1.Agent {
        RoutingV1.Agent(
            agentID: id.text, displayName: name, state: .active, departmentIDs: departments.map(\.text),
            status: .init(availability: .available), presence: .online, effectiveChatLimit: loadMax)
    }

    func event(_ row: RoutingEvent.Row) -> RoutingEvent {
        let kind: RoutingEventKind =
            switch row {
            case .tenant: .tenant
            case .department: .department
            case .agent: .agent
            case .role: .role
            }
        return RoutingEvent(kind: kind, tenantID: id.text, row: row)
    }

    var accounts: [AccountSeed] {
        [
            .init(
                tenantID: id, id: webchat, kind: .webchat, name: "Web", departmentID: sales, widgetKey: widgetKey,
                allowedOrigins: ["https://shop.example"], identitySecret: "widget-secret-1"),
            .init(tenantID: id, id: whatsapp, kind: .whatsapp, name: "Phone", departmentID: sales),
        ]
    }
}

/// Runs the body with two tenants on a fresh database.
func withInbox(
    loadMax: Int32 = 5, pendingLimit: Int32 = 0, extraAgents: [UUID] = [],
    _ body: (Inbox, Tenant) async throws -> Void
) async throws {
    try await withTestDatabase(migrating: ConversationsModule.migrations!) { database in
        try await database.withPool({
            $0.connectionsMax = 4
            // Many tests share the machine's cores; waiting for a connection is not what they test.
            $0.acquireTimeout = .seconds(30)
        }) { pool in
            let clockPath = FileManager.default.temporaryDirectory.appending(path: "clock-\(UUID().uuidString)").path()
            let clock = ProductClock(
                file: try TestClockFile(path: clockPath, start: Instant(milliseconds: 1_790_416_800_000)))
            defer { try? FileManager.default.removeItem(atPath: clockPath) }
            let (tenant, other) = (Tenant(1), Tenant(2))
            let book = FakeContacts()
            let surroundings = Surroundings(
                pool: pool, events: EventLog(schema: "conversations", pool: pool, logger: .quiet),
                requests: RequestStore(schema: "conversations"), clock: clock, pageTokens: PageTokens(secret: [1, 2, 3]),
                accountSeeds: tenant.accounts + other.accounts, contacts: book, templates: NoTemplates(),
                visitorTokens: VisitorTokens(
                    credentials: try ServiceCredentials(
                        service: "conversations", key: P256.Signing.PrivateKey().pemRepresentation), audience: "switchboard"),
                logger: .quiet)
            try await surroundings.seed()
            let inbox = Inbox(surroundings: surroundings, database: database, book: book)
            try await inbox.hear(tenant.events(loadMax: loadMax, pendingLimit: pendingLimit, extraAgents: extraAgents))
            try await inbox.hear(other.events(loadMax: loadMax, pendingLimit: 0, extraAgents: []))
            try await body(inbox, tenant)
        }
    }
}

// MARK: - Callers

extension Inbox {
    /// A call by an agent of a tenant.
    func by(_ agent: UUID, of tenant: Tenant, _ method: MethodDescriptor = ConversationsServiceDescriptor.accept) -> ServerContext
    {
        let role: String =
            switch agent {
            case tenant.operatorID: "operator"
            case tenant.admin: "admin"
            default: "agent"
            }
        return context(method, Principal(tenantID: tenant.id, subject: agent.text, kind: .agent, roles: [role]))
    }

    func byChannels(_ tenant: Tenant) -> ServerContext {
        bySystem("channels", of: tenant, ConversationsServiceDescriptor.receiveMessage)
    }

    /// A call by another service, for a tenant.
    func bySystem(_ service: String, of tenant: Tenant, _ method: MethodDescriptor) -> ServerContext {
        context(method, Principal(tenantID: tenant.id, subject: service, kind: .service))
    }

    func byBot(_ bot: String, of tenant: Tenant, _ method: MethodDescriptor) -> ServerContext {
        context(method, Principal(tenantID: tenant.id, subject: bot, kind: .bot))
    }

    func byVisitor(_ visitor: String, of tenant: Tenant) -> ServerContext {
        context(
            WidgetServiceDescriptor.sendVisitorMessage,
            Principal(
                tenantID: tenant.id, subject: visitor, kind: .visitor,
                visitor: .init(visitorID: visitor, accountID: tenant.webchat.text)))
    }

    private func context(_ method: MethodDescriptor, _ principal: Principal) -> ServerContext {
        let context = ServerContext(method: method)
        context.authenticate(as: principal)
        return context
    }
}

// MARK: - What tests do again and again

extension Inbox {
    /// A customer writes.
    @discardableResult
    func customer(
        _ address: String, says text: String = "hello", id: String? = nil, to account: UUID? = nil, of tenant: Tenant,
        at time: Instant? = nil
    ) async throws -> ReceiveMessageResponse {
        try await service.receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: (account ?? tenant.webchat).text, providerMessageID: id ?? UUID().text, senderAddress: address,
                senderName: "Customer \(address)", kind: .text, text: text, providerTime: time.map { .init($0) }),
            byChannels(tenant))
    }

    func accept(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.accept(AcceptRequest(conversationID: id, requestID: UUID().text), by(agent, of: tenant))
            .conversation!
    }

    func send(
        _ text: String, in id: String, by agent: UUID, of tenant: Tenant, accept: Bool = false, afterSeq: Int32 = 0
    ) async throws -> SendMessageResponse {
        try await service.sendMessage(
            SendMessageRequest(conversationID: id, requestID: UUID().text, text: text, accept: accept, afterSeq: afterSeq),
            by(agent, of: tenant, ConversationsServiceDescriptor.sendMessage))
    }

    func close(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.close(
            CloseRequest(conversationID: id, requestID: UUID().text),
            by(agent, of: tenant, ConversationsServiceDescriptor.close)
        ).conversation!
    }

    func transfer(
        _ id: String, to target: TransferRequest.Target, by agent: UUID, of tenant: Tenant, force: Bool = false
    ) async throws -> ConversationsV1.Conversation {
        try await service.transfer(
            TransferRequest(conversationID: id, requestID: UUID().text, reason: "yours", force: force, target: target),
            by(agent, of: tenant, ConversationsServiceDescriptor.transfer)
        ).conversation!
    }

    func setPending(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.setPending(
            SetPendingRequest(conversationID: id, requestID: UUID().text),
            by(agent, of: tenant, ConversationsServiceDescriptor.setPending)
        ).conversation!
    }

    func get(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> ConversationsV1.Conversation {
        try await service.getConversation(GetConversationRequest(conversationID: id), by(agent, of: tenant)).conversation!
    }

    func list(
        _ view: ConversationsV1.InboxView, by agent: UUID, of tenant: Tenant
    ) async throws -> [ConversationsV1.Conversation] {
        try await service.listConversations(ListConversationsRequest(view: view, pageSize: 100), by(agent, of: tenant))
            .conversations
    }

    func load(of agent: UUID, in tenant: Tenant) async throws -> Int32 {
        let slots = try await service.listAgentSlots(ListAgentSlotsRequest(agentIDs: [agent.text]), by(agent, of: tenant)).slots
        return slots.first { $0.pool == "chat" }?.load ?? -1
    }
}

/// The reason of a refusal, and its code.
func reason<Answer>(_ body: () async throws -> Answer) async -> String {
    do {
        _ = try await body()
        return "OK"
    } catch let error as any RPCErrorConvertible {
        let error = error.rpcError
        return error.reason ?? "\(error.code)"
    } catch let error as RPCError {
        return error.reason ?? "\(error.code)"
    } catch {
        return "\(error)"
    }
}
