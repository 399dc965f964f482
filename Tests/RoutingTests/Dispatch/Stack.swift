import Contacts
import Conversations
import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Logging
import PostgresTesting
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

/// Contacts, conversations and routing in this process, over real sockets and one database, under one clock, with a tenant of
/// one department and three agents.
struct Stack: Sendable {
    static let tenantID = UUID(uuidString: "00000000-0001-7000-8000-000000000001")!
    static let departmentID = UUID(uuidString: "00000000-0001-7000-8000-000000000002")!
    static let accountID = UUID(uuidString: "00000000-0001-7000-8000-000000000003")!
    static let agentIDs = (0x10...0x12).map { UUID(uuidString: "00000000-0001-7000-8000-0000000000\(String($0, radix: 16))")! }

    /// Of another account, over WhatsApp; of web chats without a department; of one that a bot answers.
    static let phoneID = UUID(uuidString: "00000000-0001-7000-8000-000000000004")!
    static let openID = UUID(uuidString: "00000000-0001-7000-8000-000000000005")!
    static let automatedID = UUID(uuidString: "00000000-0001-7000-8000-000000000006")!
    /// The bot directs what it hands off here, to random agents of the second department.
    static let directedID = UUID(uuidString: "00000000-0001-7000-8000-000000000007")!
    static let secondID = UUID(uuidString: "00000000-0001-7000-8000-000000000008")!
    static let botID = UUID(uuidString: "00000000-0001-7000-8000-000000000009")!

    let contacts: GRPC.Channel
    let conversations: GRPC.Channel
    let routing: GRPC.Channel
    let clock: ProductClock
    let keys: LocalKeys
    let routingAdmin: AdminClient
    let conversationsAdmin: AdminClient
    let database: TestDatabase

    static func with(
        method: RoutingV1.DistributionMethod = .leastBusy, loadMax: Int = 2, pollInterval: String = "1s",
        _ body: @escaping @Sendable (Stack) async throws -> Void
    ) async throws {
        let migrations = [ContactsModule.migrations!, ConversationsModule.migrations!, RoutingModule.migrations!]
        try await withTestDatabase(migrating: migrations[0], migrations[1], migrations[2]) { (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "routing-stack-\(UUID().text)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: ["contacts", "conversations", "routing", "channels", "gateway", "switchboard"])
            try Data(accounts.utf8).write(to: URL(filePath: "\(directory)/accounts.json"))
            // Each of the two follows the other, and so knows where it will be.
            let routingPort = try FreePort.next()
            let clockPath = "\(directory)/clock"
            let clock = ProductClock(file: try TestClockFile(path: clockPath, start: .now))
            @Sendable func environment(_ name: String, _ more: [String: String]) -> [String: String] {
                [
                    "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                    "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                    "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: name),
                    "SWITCHBOARD_DRAIN_GRACE": "1s", "SWITCHBOARD_POLL_INTERVAL": pollInterval,
                    "SWITCHBOARD_TEST_CLOCK": clockPath,
                    "SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: name),
                ].merging(more) { $1 }
            }
            try await RunningService<ContactsModule>.during(
                environment: environment(
                    "contacts",
                    [
                        "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1",
                        "SWITCHBOARD_ROUTING_ADDRESSES": "127.0.0.1:\(routingPort)",
                    ]), logger: .quiet
            ) { (_, contacts, _) async throws in
                let addresses = [
                    "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                    "SWITCHBOARD_ROUTING_ADDRESSES": "127.0.0.1:\(routingPort)",
                ]
                try await RunningService<ConversationsModule>.during(
                    environment: environment(
                        "conversations",
                        addresses.merging([
                            "SWITCHBOARD_DIRECTORY_FILE": "\(directory)/accounts.json",
                            // Nobody starts by a template here.
                            "SWITCHBOARD_TEMPLATES_ADDRESSES": "127.0.0.1:1",
                        ]) { $1 }),
                    logger: .quiet
                ) { (_, conversations, conversationsAdmin) async throws in
                    let more = [
                        "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                        "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "\(conversations.host):\(conversations.port)",
                        "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(routingPort)",
                    ]
                    try await RunningService<RoutingModule>.during(environment: environment("routing", more), logger: .quiet) {
                        (_, routing, admin) async throws in
                        let stack = Stack(
                            contacts: GRPC.Channel(addresses: [contacts]),
                            conversations: GRPC.Channel(addresses: [conversations]), routing: GRPC.Channel(addresses: [routing]),
                            clock: clock, keys: keys, routingAdmin: admin, conversationsAdmin: conversationsAdmin,
                            database: database)
                        try await stack.makeTenant(method, loadMax: loadMax)
                        try await body(stack)
                        for channel in [stack.contacts, stack.conversations, stack.routing] { await channel.close() }
                    }
                }
            }
        }
    }

    /// What conversations makes at its start.
    private static var accounts: String {
        """
        {"tenants": [{"id": "\(tenantID.text)",
          "channelAccounts": [{"id": "\(accountID.text)", "kind": "webchat", "name": "Web",
                               "department": "\(departmentID.text)", "widgetKey": "wk_acme"},
                              {"id": "\(phoneID.text)", "kind": "whatsapp", "name": "Phone",
                               "department": "\(departmentID.text)"},
                              {"id": "\(openID.text)", "kind": "webchat", "name": "Anybody", "widgetKey": "wk_anybody"},
                              {"id": "\(automatedID.text)", "kind": "webchat", "name": "Bot", "widgetKey": "wk_bot",
                               "department": "\(departmentID.text)", "bot": "\(botID.text)"},
                              {"id": "\(directedID.text)", "kind": "webchat", "name": "Directed", "widgetKey": "wk_directed",
                               "department": "\(departmentID.text)", "bot": "\(botID.text)",
                               "botDepartment": "\(secondID.text)", "botMethod": "random"}]}]}
        """
    }

    private func makeTenant(_ method: RoutingV1.DistributionMethod, loadMax: Int) async throws {
        let platform = try await asService("switchboard", to: "routing")
        _ = try await TenantsServiceClient(routing).createTenant(
            CreateTenantRequest(displayName: "Acme", requestID: UUID().text), platform)
        _ = try await DepartmentsServiceClient(routing).createDepartment(
            CreateDepartmentRequest(
                department: RoutingV1.Department(displayName: "Support", method: method), departmentID: Self.departmentID.text,
                requestID: UUID().text), platform)
        for (index, id) in Self.agentIDs.enumerated() {
            _ = try await AgentsServiceClient(routing).createAgent(
                CreateAgentRequest(
                    agent: RoutingV1.Agent(
                        displayName: "Agent \(index)", roles: ["agent"], departmentIDs: [Self.departmentID.text],
                        chatLimit: Int32(loadMax)),
                    agentID: id.text, requestID: UUID().text), platform)
        }
        try await settle()
    }
}

// MARK: - Who calls

extension Stack {
    func asService(_ name: String, to callee: String) async throws -> CallOptions {
        let credentials = try ServiceCredentials(
            service: name, key: String(contentsOfFile: keys.privateKey(of: name), encoding: .utf8), now: { clock.now })
        var metadata = Metadata()
        metadata["authorization"] = "Bearer \(try await credentials.token(for: callee))"
        if name != "gateway" { metadata[ServiceCredentials.tenantMetadata] = Self.tenantID.text }
        return CallOptions(timeout: .seconds(30), metadata: metadata)
    }

    func asAgent(_ index: Int, role: String = "agent") async throws -> CallOptions {
        let token = try await keys.agentToken(
            tenantID: Self.tenantID, agentID: Self.agentIDs[index], name: "Agent \(index)", roles: [role], now: clock.now)
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }
}

extension Stack {
    func asBot(_ id: UUID = botID) async throws -> CallOptions {
        let credentials = try ServiceCredentials(
            service: "routing", key: String(contentsOfFile: keys.privateKey(of: "routing"), encoding: .utf8), now: { clock.now })
        let token = try await credentials.sign(
            TokenClaims(
                issuer: "routing", audience: [LocalKeys.audience], subject: id.text, kind: .bot, tenantID: Self.tenantID,
                name: "Robin", issued: clock.now, expires: clock.now.advanced(by: .seconds(3_600))))
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }

    func asVisitor(_ session: CreateWidgetSessionResponse) -> CallOptions {
        CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(session.accessToken)"])
    }

    /// A visitor with a live session, who has written.
    func visitor(
        on widgetKey: String = "wk_acme", locale: String = "pt-BR"
    ) async throws -> (session: CreateWidgetSessionResponse, conversationID: String) {
        let widget = WidgetServiceClient(conversations)
        let session = try await widget.createWidgetSession(
            CreateWidgetSessionRequest(widgetKey: widgetKey, locale: locale), CallOptions(timeout: .seconds(30)))
        let sent = try await widget.sendVisitorMessage(
            SendVisitorMessageRequest(clientMessageID: UUID().text, text: "hello"), asVisitor(session))
        return (session, try #require(sent.conversation?.conversationID))
    }

    func changeDepartment(_ paths: [String], _ department: RoutingV1.Department, of id: UUID = departmentID) async throws {
        var department = department
        department.departmentID = id.text
        _ = try await DepartmentsServiceClient(routing).updateDepartment(
            UpdateDepartmentRequest(
                department: department, updateMask: FieldMask(paths: paths), requestID: UUID().text),
            try await asAgent(0, role: "admin"))
        try await settle()
    }

    /// The second department, with one agent of the first.
    func makeSecond(
        _ method: RoutingV1.DistributionMethod = .unspecified, agent index: Int? = nil
    ) async throws {
        let admin = try await asAgent(0, role: "admin")
        _ = try await DepartmentsServiceClient(routing).createDepartment(
            CreateDepartmentRequest(
                department: RoutingV1.Department(displayName: "Second", method: method), departmentID: Self.secondID.text,
                requestID: UUID().text), admin)
        if let index {
            _ = try await AgentsServiceClient(routing).updateAgent(
                UpdateAgentRequest(
                    agent: RoutingV1.Agent(
                        agentID: Self.agentIDs[index].text, departmentIDs: [Self.departmentID.text, Self.secondID.text]),
                    updateMask: FieldMask(paths: ["department_ids"]), requestID: UUID().text), admin)
        }
        try await settle()
    }

    func messages(of id: String) async throws -> [ConversationsV1.Message] {
        try await ConversationsServiceClient(conversations).listMessages(
            ListMessagesRequest(conversationID: id), try await asAgent(0, role: "operator")
        ).messages
    }

    func list(_ view: ConversationsV1.InboxView, by index: Int) async throws -> [String] {
        try await ConversationsServiceClient(conversations).listConversations(
            ListConversationsRequest(view: view), try await asAgent(index)
        ).conversations.map(\.conversationID)
    }

    /// - Returns: the reason of the refusal, or OK.
    func answer(_ call: () async throws -> Void) async -> String {
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

// MARK: - What happens

extension Stack {
    /// Heartbeats of these agents, as the gateway sends them.
    func beat(_ indices: Int...) async throws {
        let beats = indices.map { Beat(tenantID: Self.tenantID.text, agentID: Self.agentIDs[$0].text) }
        _ = try await PresenceServiceClient(routing).heartbeat(try await asService("gateway", to: "routing")) { stream in
            try await stream.write(HeartbeatRequest(beats: beats))
        }
    }

    /// A customer writes; another one each time, unless he is named.
    @discardableResult
    func customerWrites(_ visitor: String = UUID().text, over account: UUID = accountID) async throws -> String {
        let received = try await ConversationsServiceClient(conversations).receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: account.text, providerMessageID: UUID().text, senderAddress: visitor, kind: .text,
                text: "hello"), try await asService("channels", to: "conversations"))
        return try #require(received.conversation?.conversationID)
    }

    /// - Parameter index: of the agent who looks, as an operator.
    func conversation(_ id: String, by index: Int = 0) async throws -> ConversationsV1.Conversation {
        try #require(
            try await ConversationsServiceClient(conversations).getConversation(
                GetConversationRequest(conversationID: id), try await asAgent(index, role: "operator")
            ).conversation)
    }

    /// Waits until the conversation is as it should be; half a minute at most.
    @discardableResult
    func eventually(
        _ id: String, _ what: String, by index: Int = 0, _ condition: (ConversationsV1.Conversation) -> Bool
    ) async throws -> ConversationsV1.Conversation {
        let end = ContinuousClock.now + .seconds(30)
        while true {
            let now = try await conversation(id, by: index)
            if condition(now) { return now }
            guard ContinuousClock.now < end else {
                Issue.record("\(what): \(now.state), \(now.assigneeID)")
                throw CancellationError()
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    func accept(_ id: String, by index: Int) async throws {
        _ = try await ConversationsServiceClient(conversations).accept(
            AcceptRequest(conversationID: id, requestID: UUID().text), try await asAgent(index))
    }

    func close(_ id: String, by index: Int) async throws {
        _ = try await ConversationsServiceClient(conversations).close(
            CloseRequest(conversationID: id, requestID: UUID().text), try await asAgent(index))
    }

    func explain(_ id: String) async throws -> RoutingV1.Explanation {
        try #require(
            try await RoutingServiceClient(routing).explainRoute(
                ExplainRouteRequest(conversationID: id), try await asAgent(0, role: "operator")
            ).explanation)
    }

    func advance(by duration: Swift.Duration) throws { try clock.set(clock.now.advanced(by: duration)) }

    /// Everything that is due has happened, and every event has been heard.
    func settle() async throws {
        // What one of them tells may be a reason for the other.
        for admin in [routingAdmin, conversationsAdmin, routingAdmin] {
            let reply = try await admin.post("/test/settle")
            #expect(reply.status == 200, "\(reply.body)")
        }
    }
}
