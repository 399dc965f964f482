import Channels
import ChannelsV1
import Contacts
import Conversations
import ConversationsTesting
import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import Logging
import PostgresTesting
import ServiceDatabase
import ServiceRuntime
import Testing
import Trials
import WallTime

/// Contacts, conversations and channels in this process, over real sockets and one database, under one clock, with a tenant
/// of one department, one agent, an account of each channel, and the provider emulator.
struct Stack: Sendable {
    static let tenantID = UUID(uuidString: "00000000-0001-7000-8000-000000000001")!
    static let departmentID = UUID(uuidString: "00000000-0001-7000-8000-000000000002")!
    static let agentID = UUID(uuidString: "00000000-0001-7000-8000-000000000010")!

    static func account(_ kind: ProviderEmulator.Kind) -> UUID {
        let number = ProviderEmulator.Kind.allCases.firstIndex(of: kind)! + 20
        return UUID(uuidString: "00000000-0001-7000-8000-0000000000\(number)")!
    }

    let conversations: GRPC.Channel
    let channels: GRPC.Channel
    let emulator: ProviderEmulator
    let clock: ProductClock
    let keys: LocalKeys

    static func with(_ body: @escaping @Sendable (Stack) async throws -> Void) async throws {
        let migrations = [ContactsModule.migrations!, ConversationsModule.migrations!, ChannelsModule.migrations!]
        try await withTestDatabase(migrating: migrations[0], migrations[1], migrations[2]) { (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "channels-stack-\(UUID().text)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: ["contacts", "conversations", "channels", "gateway"])
            try Data(seed.utf8).write(to: URL(filePath: "\(directory)/directory.json"))
            let clockPath = "\(directory)/clock"
            let clock = ProductClock(file: try TestClockFile(path: clockPath, start: .now))
            @Sendable func environment(_ name: String, _ more: [String: String]) -> [String: String] {
                [
                    "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                    "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                    "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: name),
                    "SWITCHBOARD_DRAIN_GRACE": "1s", "SWITCHBOARD_TEST_CLOCK": clockPath,
                    "SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: name),
                    // Nobody follows routing here.
                    "SWITCHBOARD_ROUTING_ADDRESSES": "127.0.0.1:1",
                ].merging(more) { $1 }
            }
            let emulator = ProviderEmulator { clock.now }
            for kind in ProviderEmulator.Kind.allCases { emulator.add(account(kind), kind) }
            try await withServer({ emulator.respond($0) }) { provider in
                try Data(providers(provider).utf8).write(to: URL(filePath: "\(directory)/providers.json"))
                try await RunningService<ContactsModule>.during(
                    environment: environment("contacts", ["SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1"]), logger: .quiet
                ) { (_, contacts, _) async throws in
                    try await RunningService<ConversationsModule>.during(
                        environment: environment(
                            "conversations",
                            [
                                "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                                "SWITCHBOARD_TEMPLATES_ADDRESSES": "127.0.0.1:1",
                                "SWITCHBOARD_DIRECTORY_FILE": "\(directory)/directory.json",
                            ]), logger: .quiet
                    ) { (_, conversations, _) async throws in
                        try await RunningService<ChannelsModule>.during(
                            environment: environment(
                                "channels",
                                [
                                    "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "\(conversations.host):\(conversations.port)",
                                    "SWITCHBOARD_PROVIDERS_FILE": "\(directory)/providers.json",
                                    "SWITCHBOARD_WEBHOOK_LOOPBACK": "true",
                                ]), logger: .quiet
                        ) { (_, channels, _) async throws in
                            let stack = Stack(
                                conversations: GRPC.Channel(addresses: [conversations]),
                                channels: GRPC.Channel(addresses: [channels]), emulator: emulator, clock: clock, keys: keys)
                            let tenant = KnownTenant(tenantID, departmentID: departmentID, agents: [(id: agentID, name: "Ana")])
                            try await database.withAdministrator { try await tenant.insert(as: $0) }
                            try await stack.accountsAreThere()
                            try await body(stack)
                            for channel in [stack.conversations, stack.channels] { await channel.close() }
                        }
                    }
                }
            }
        }
    }

    private static let seed = """
        {"tenants": [{"id": "\(tenantID.text)", "name": "Acme",
          "departments": [{"id": "\(departmentID.text)", "name": "Support", "default": true}],
          "agents": [{"id": "\(agentID.text)", "name": "Ana", "role": "agent", "departments": ["\(departmentID.text)"],
                      "loadMax": 100, "emailLoadMax": 100}],
          "channelAccounts": [\(ProviderEmulator.Kind.allCases.map { kind in
            """
            {"id": "\(account(kind).text)", "kind": "\(kind.rawValue)", "name": "\(kind.rawValue)",
             "department": "\(departmentID.text)"}
            """
          }.joined(separator: ","))]}]}
        """

    private static func providers(_ port: Int) -> String {
        let accounts = ProviderEmulator.Kind.allCases.map { kind in
            """
            {"channelAccountId": "\(account(kind).text)", "adapter": "stand-in", "baseUrl": "http://127.0.0.1:\(port)",
             "token": "\(ProviderEmulator.token)"}
            """
        }
        return #"{"accounts": [\#(accounts.joined(separator: ","))]}"#
    }
}

// MARK: - Who calls

extension Stack {
    var asChannels: CallOptions {
        get async throws {
            let credentials = try ServiceCredentials(
                service: "channels", key: String(contentsOfFile: keys.privateKey(of: "channels"), encoding: .utf8),
                now: { clock.now })
            return CallOptions(
                timeout: .seconds(30),
                metadata: [
                    "authorization": "Bearer \(try await credentials.token(for: "conversations"))",
                    ServiceCredentials.tenantMetadata: Self.tenantID.text,
                ])
        }
    }

    func asAgent(role: String = "agent") async throws -> CallOptions {
        let token = try await keys.agentToken(
            tenantID: Self.tenantID, agentID: Self.agentID, name: "Ana", roles: [role], now: clock.now)
        return CallOptions(timeout: .seconds(30), metadata: ["authorization": "Bearer \(token)"])
    }
}

// MARK: - What happens

extension Stack {
    /// Conversations takes its accounts from the file while it starts.
    private func accountsAreThere() async throws {
        let service = ChannelAccountsServiceClient(conversations)
        try await eventually {
            let found = try await service.listChannelAccounts(.init(), try await asAgent(role: "admin"))
            return found.channelAccounts.count == ProviderEmulator.Kind.allCases.count
        }
    }

    /// A customer nobody knew writes, and the agent takes the conversation.
    func customerWrites(over kind: ProviderEmulator.Kind) async throws -> ConversationsV1.Conversation {
        let number = UUID().text.utf8.map { "\($0 % 10)" }.joined().prefix(8)
        let address = kind == .email ? "ana\(number)@example.org" : "55119\(number)"
        let received = try await ConversationsServiceClient(conversations).receiveMessage(
            ReceiveMessageRequest(
                channelAccountID: Self.account(kind).text, providerMessageID: UUID().text, senderAddress: address,
                thread: kind == .email ? UUID().text : "", kind: .text, text: "hello"), try await asChannels)
        let conversation = try #require(received.conversation)
        emulator.customerWrote(conversation.customerAddress, to: Self.account(kind), at: clock.now)
        return conversation
    }

    /// - Returns: the message, or nil where conversations refused it.
    func send(
        _ text: String, _ content: MessageContent? = nil, replyTo: String = "", in conversation: ConversationsV1.Conversation
    ) async throws -> ConversationsV1.Message? {
        do {
            return try await ConversationsServiceClient(conversations).sendMessage(
                SendMessageRequest(
                    conversationID: conversation.conversationID, requestID: UUID().text, text: text,
                    replyToMessageID: replyTo, content: content, accept: true), try await asAgent()
            ).message
        } catch let error as RPCError where error.code == .failedPrecondition || error.code == .invalidArgument {
            return nil
        }
    }

    func type(_ typing: Bool, in conversation: ConversationsV1.Conversation) async throws {
        _ = try await ConversationsServiceClient(conversations).sendTyping(
            SendTypingRequest(conversationID: conversation.conversationID, typing: typing), try await asAgent())
    }

    func message(_ message: ConversationsV1.Message) async throws -> ConversationsV1.Message {
        try #require(
            try await ConversationsServiceClient(conversations).getMessage(
                GetMessageRequest(conversationID: message.conversationID, messageID: message.messageID), try await asAgent()
            ).message)
    }

    /// Nil until channels has heard of it.
    func delivery(_ message: ConversationsV1.Message) async throws -> ChannelsV1.OutboundDelivery? {
        do {
            return try await OutboundServiceClient(channels).getOutboundDelivery(
                GetOutboundDeliveryRequest(messageID: message.messageID), try await asAgent(role: "admin")
            ).delivery
        } catch let error as RPCError where error.code == .notFound {
            return nil
        }
    }

    func retryNow(_ message: ConversationsV1.Message) async throws {
        _ = try await OutboundServiceClient(channels).retryOutboundDelivery(
            RetryOutboundDeliveryRequest(messageID: message.messageID, requestID: UUID().text), try await asAgent(role: "admin")
        )
    }
}
