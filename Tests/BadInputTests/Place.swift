import Channels
import Contacts
import ContactsV1
import Conversations
import ConversationsTesting
import ConversationsV1
import Foundation
import GRPC
import Gateway
import GoogleProtobuf
import Logging
import NIOCore
import NIOPosix
import Postgres
import PostgresTesting
import Routing
import RoutingV1
import ServiceDatabase
import ServiceRuntime
import Templates
import Testing
import Tickets
import WallTime

/// Contacts, conversations and routing on real sockets and one database, each with its own schema and role, and two tenants in them.
struct Place: Sendable {
    let callers: Callers
    let sides: [Side]
    /// The cluster's superuser, who sees the rows of all tenants.
    let administrator: PostgresPool
    let contract: Contract
    /// What no refused call may change.
    let looked: LookedAt
    /// Where the gateway answers HTTP/1.1; empty unless it was asked for.
    var http = ""
    /// The gateway's gRPC listener, which passes calls through; it serves nothing of its own.
    var gateway: Side?

    /// One service: where it is reached, and what its module serves.
    struct Side: Sendable {
        let name: String
        let channel: GRPC.Channel
        let services: [ServiceDescriptor]
    }

    /// Runs the body while the services run, and before them, if asked for, the gateway.
    static func with(gateway: Bool = false, _ body: @escaping @Sendable (Place) async throws -> Void) async throws {
        let migrations = [
            ContactsModule.migrations!, ConversationsModule.migrations!, RoutingModule.migrations!, TicketsModule.migrations!,
            TemplatesModule.migrations!, ChannelsModule.migrations!,
        ]
        try await withTestDatabase(
            migrating: migrations[0], migrations[1], migrations[2], migrations[3], migrations[4], migrations[5]
        ) { (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "bad-input-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: Callers.serviceNames)
            try Data(People.directory.utf8).write(to: URL(filePath: "\(directory)/directory.json"))
            let surroundings = Surroundings(
                keys: keys, directory: directory, database: database, templatesPort: try FreePort.next())
            // Contacts' follower of conversations' events has nobody to follow here; it asks again and again.
            try await RunningService<ContactsModule>.during(
                environment: surroundings.environment("contacts", ["SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1"]),
                logger: .silent
            ) { (first, contacts, _) async throws in
                let environment = surroundings.environment(
                    "conversations",
                    [
                        "SWITCHBOARD_DIRECTORY_FILE": "\(directory)/directory.json",
                        "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                        "SWITCHBOARD_TEMPLATES_ADDRESSES": "127.0.0.1:\(surroundings.templatesPort)",
                    ])
                try await RunningService<ConversationsModule>.during(environment: environment, logger: .silent) {
                    (second, conversations, _) async throws in
                    try await surroundings.withQuietConversations { quiet in
                        // Routing follows conversations in which nothing happens, too: its projection would move while these tests
                        // look for changes.
                        try await RunningService<RoutingModule>.during(
                            environment: surroundings.environment(
                                "routing",
                                [
                                    "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "\(quiet.host):\(quiet.port)",
                                    "SWITCHBOARD_CONTACTS_ADDRESSES": "127.0.0.1:1",
                                ]), logger: .silent
                        ) { (third, routing, _) async throws in
                            try await surroundings.withOthers(contacts, quiet) { (tickets, templates, channels) async throws in
                                let sides = [
                                    Side("contacts", contacts, first.module.services),
                                    Side("conversations", conversations, second.module.services),
                                    Side("routing", routing, third.module.services),
                                    Side("tickets", tickets.address, tickets.services),
                                    Side("templates", templates.address, templates.services),
                                    Side("channels", channels.address, channels.services),
                                ]
                                try await database.withAdministrator { administrator in
                                    let place = Place(
                                        callers: try await Callers(keys), sides: sides, administrator: administrator,
                                        contract: try Contract(),
                                        looked: try await LookedAt(in: sides.map(\.name), of: administrator))
                                    try await place.directoryIsThere()
                                    try await place.makeTenantsInConversations()
                                    try await place.makeTenantsElsewhere()
                                    try await place.makeTenantsInRouting()
                                    if gateway {
                                        let addresses = [
                                            contacts, conversations, routing, tickets.address, templates.address,
                                            channels.address,
                                        ]
                                        try await place.withGateway(surroundings, addresses, body)
                                    } else {
                                        try await body(place)
                                    }
                                }
                                for side in sides { await side.channel.close() }
                            }
                        }
                    }
                }
            }
        }
    }

    /// What every service is told.
    private struct Surroundings: Sendable {
        let keys: LocalKeys
        let directory: String
        let database: TestDatabase
        /// Where templates will answer: conversations is told of it before it does.
        let templatesPort: Int

        func environment(_ name: String, _ more: [String: String]) -> [String: String] {
            [
                "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: name),
                "SWITCHBOARD_DRAIN_GRACE": "1s",
                // Nobody follows routing here: what is known of tenants is put there.
                "SWITCHBOARD_ROUTING_ADDRESSES": "127.0.0.1:1",
            ].merging(name == "gateway" ? [:] : ["SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: name)]) { $1 }
                .merging(more) { $1 }
        }

        /// A service that runs, and where.
        typealias Running = (address: ServerAddress, services: [any GRPC.Service])

        /// Tickets and routing follow conversations in which nothing happens: what happened there would change their tables while
        /// they are looked at.
        func withQuietConversations(_ body: @escaping @Sendable (ServerAddress) async throws -> Void) async throws {
            let server = GRPC.Server(services: [QuietConversations(), QuietChannelAccounts()])
            let port = try #require(try await server.start().port)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await server.run() }
                try await body(ServerAddress(host: "127.0.0.1", port: port))
                group.cancelAll()
            }
        }

        func withOthers(
            _ contacts: ServerAddress, _ conversations: ServerAddress,
            _ body: @escaping @Sendable (Running, Running, Running) async throws -> Void
        ) async throws {
            let environment = environment(
                "tickets",
                [
                    "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                    "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "\(conversations.host):\(conversations.port)",
                ])
            try await RunningService<TicketsModule>.during(environment: environment, logger: .silent) {
                (tickets, ticketsAddress, _) async throws in
                let listen = ["SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(templatesPort)"]
                try await RunningService<TemplatesModule>.during(
                    environment: self.environment("templates", listen), logger: .silent
                ) {
                    (templates, templatesAddress, _) async throws in
                    // It reports erasures to contacts, and follows nobody else.
                    let nobody =
                        ["conversations", "templates", "tickets"].map {
                            ("SWITCHBOARD_\($0.uppercased())_ADDRESSES", "127.0.0.1:1")
                        } + [("SWITCHBOARD_CONTACTS_ADDRESSES", "\(contacts.host):\(contacts.port)")]
                    try await RunningService<ChannelsModule>.during(
                        environment: self.environment(
                            "channels",
                            Dictionary(uniqueKeysWithValues: nobody + [("SWITCHBOARD_WEBHOOK_LOOPBACK", "true")])),
                        logger: .silent
                    ) { (channels, channelsAddress, _) async throws in
                        try await body(
                            (ticketsAddress, tickets.module.services), (templatesAddress, templates.module.services),
                            (channelsAddress, channels.module.services))
                    }
                }
            }
        }
    }

    private func withGateway(
        _ surroundings: Surroundings, _ services: [ServerAddress], _ body: @escaping @Sendable (Place) async throws -> Void
    ) async throws {
        let port = try FreePort.next()
        let environment = surroundings.environment(
            "gateway",
            [
                "SWITCHBOARD_HTTP_LISTEN": "127.0.0.1:\(port)", "SWITCHBOARD_RATE_PRINCIPAL": "1000000",
                "SWITCHBOARD_RATE_ADDRESS": "1000000",
                "SWITCHBOARD_CONTACTS_ADDRESSES": "\(services[0].host):\(services[0].port)",
                "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "\(services[1].host):\(services[1].port)",
                "SWITCHBOARD_ROUTING_ADDRESSES": "\(services[2].host):\(services[2].port)",
                "SWITCHBOARD_TICKETS_ADDRESSES": "\(services[3].host):\(services[3].port)",
                "SWITCHBOARD_TEMPLATES_ADDRESSES": "\(services[4].host):\(services[4].port)",
                "SWITCHBOARD_CHANNELS_ADDRESSES": "\(services[5].host):\(services[5].port)",
            ])
        try await RunningService<GatewayModule>.during(environment: environment, logger: .silent) { (_, grpc, _) async throws in
            var place = self
            place.http = "http://127.0.0.1:\(port)"
            let gateway = Side("gateway", grpc, [])
            place.gateway = gateway
            try await body(place)
            await gateway.channel.close()
        }
    }

    /// Conversations makes its channel accounts beside serving.
    private func directoryIsThere() async throws {
        while try await tables()["conversations.channel_account"]?.rows != 6 { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// The tenants of these tests, as routing would have told conversations of them.
    private func makeTenantsInConversations() async throws {
        for tenant in [People.own, People.other] {
            let agents = [(id: tenant.agent, name: "Ana"), (id: tenant.colleague, name: "Bea")]
            try await KnownTenant(tenant.id, departmentID: tenant.department, agents: agents).insert(as: administrator)
        }
    }

    /// And the others who follow it.
    private func makeTenantsElsewhere() async throws {
        for (tenant, schema) in [People.own, People.other].flatMap({ tenant in
            ["contacts", "tickets", "templates", "channels"].map { (tenant, $0) }
        }) {
            for statement: SQL in [
                """
                insert into \(identifier: schema).known_tenant (tenant_id, suspended, time_zone) values (\(tenant.id), false, '')
                """,
                """
                insert into \(identifier: schema).known_department (tenant_id, department_id, archived)
                values (\(tenant.id), \(tenant.department), false)
                """,
                """
                insert into \(identifier: schema).known_agent (tenant_id, agent_id, department_ids)
                select \(tenant.id), agent_id, array[\(tenant.department)]::uuid[]
                from unnest(\([tenant.agent, tenant.colleague])) as agent (agent_id)
                """,
            ] { try await administrator.query(statement) }
        }
    }

    /// The service of this name.
    func side(_ name: String) -> Side {
        guard let side = sides.first(where: { $0.name == name }) else { preconditionFailure("no \(name)") }
        return side
    }

    /// Lets a closed conversation run through a ticket: nobody need be told of it.
    func addConversation(to ticket: String, of tenant: People.Tenant) async throws -> String {
        let (id, ticketID) = (UUID.v7(at: .now), try #require(UUID(uuidString: ticket)))
        _ = try await administrator.query(
            """
            insert into tickets.ticket_conversation (tenant_id, conversation_id, ticket_id, is_closed, link_time)
            values (\(tenant.id), \(id), \(ticketID), true, now())
            """)
        return id.text
    }

    /// Until changes of policies have reached every clock.
    private func ticketsAreMeasured() async throws {
        while try await administrator.query("select from tickets.job limit 1").count > 0 {
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Every method that the modules serve.
    var methods: [(side: Side, service: ServiceDescriptor, method: MethodDescriptor)] {
        sides.flatMap { side in side.services.flatMap { service in service.methods.map { (side, service, $0) } } }
    }

    /// What the tables of all schemas hold, but for the leases that loops take and the timers that fire by themselves.
    func tables() async throws -> [String: Table] {
        try await everythingRests()
        return try await looked.tables()
    }

    /// Where the write-ahead log ends: where it is the same after a call, the call has changed nothing.
    func position() async throws -> String {
        try await everythingRests()
        return try await looked.position()
    }

    private func everythingRests() async throws {
        try await ticketsAreMeasured()
        try await erasuresAreOver()
        // A bot that beats no more would go offline by itself while tables are looked at.
        try await administrator.query("delete from routing.presence where bot")
    }

    /// Conversations, tickets and channels erase beside serving, and report to contacts.
    private func erasuresAreOver() async throws {
        let waiting: SQL = """
            select exists (select from contacts.erasure where complete_time is null) or exists (select from conversations.job)
                or exists (select from tickets.job)
            """
        while try await administrator.query(waiting)[0].decode(Bool.self) { try await Task.sleep(for: .milliseconds(10)) }
    }

    /// Names the tables that are not what they were.
    func changes(since before: [String: Table]) async throws -> [String] {
        let now = try await tables()
        return Set(now.keys).union(before.keys).filter { now[$0] != before[$0] }.sorted()
    }

    /// Gives a queued conversation to a bot, as if its account had one.
    func automate(_ conversation: String) async throws {
        let id = try #require(UUID(uuidString: conversation))
        _ = try await administrator.query(
            "update conversations.conversation set state = 'automated' where conversation_id = \(id)")
    }
}

extension Place.Side {
    fileprivate init(_ name: String, _ address: ServerAddress, _ services: [any GRPC.Service]) {
        self.init(
            name: name, channel: GRPC.Channel(addresses: [address]), services: services.map { type(of: $0).descriptor })
    }

    /// One call with these bytes as its only message.
    /// - Returns: nil for OK.
    func call(_ method: MethodDescriptor, _ body: [UInt8], _ metadata: Metadata) async -> RPCError? {
        do {
            _ = try await answer(method, body, metadata)
            return nil
        } catch { return error }
    }

    /// The bytes of the answer; of a stream, none.
    func answer(_ method: MethodDescriptor, _ body: [UInt8], _ metadata: Metadata) async throws(RPCError) -> [UInt8] {
        // A bound for a machine that stands still, not for the service.
        let options = CallOptions(timeout: .seconds(60), metadata: metadata)
        do {
            if method.kind == .unary { return try await channel.unaryRaw(method, body, options) }
            try await channel.raw(method, options) { requests, answers in
                try? await requests.write(body)
                requests.finish()
                for try await _ in answers {}
            }
            return []
        } catch let error as RPCError {
            throw error
        } catch {
            throw RPCError(code: .unknown, message: "\(error)")
        }
    }
}

extension Logger {
    /// What these tests provoke is logged as it should be; nobody reads it here.
    fileprivate static var silent: Logger { Logger(label: "bad-input") { _ in SwiftLogNoOpLogHandler() } }
}

/// Conversations in which nothing happens, and all of which may be read.
private struct QuietConversations: ConversationsServiceProtocol {
    func getConversation(_ request: GetConversationRequest, _ context: ServerContext) async throws -> GetConversationResponse {
        GetConversationResponse(conversation: .init(conversationID: request.conversationID))
    }

    func watch(
        _ request: ConversationsV1.WatchRequest, _ responses: ResponseWriter<ConversationsV1.WatchResponse>,
        _ context: ServerContext
    ) async throws {
        while !Task.isCancelled { try await Task.sleep(for: .seconds(3_600)) }
    }
}

/// No account is any department's.
private struct QuietChannelAccounts: ChannelAccountsServiceProtocol {
    func listChannelAccounts(
        _ request: ListChannelAccountsRequest, _ context: ServerContext
    ) async throws -> ListChannelAccountsResponse { ListChannelAccountsResponse() }
}
