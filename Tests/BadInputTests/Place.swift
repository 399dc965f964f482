import Contacts
import ContactsV1
import Conversations
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
        ]
        try await withTestDatabase(migrating: migrations[0], migrations[1], migrations[2], migrations[3]) {
            (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "bad-input-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: Callers.serviceNames)
            try Data(People.directory.utf8).write(to: URL(filePath: "\(directory)/directory.json"))
            let surroundings = Surroundings(keys: keys, directory: directory, database: database)
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
                    ])
                try await RunningService<ConversationsModule>.during(environment: environment, logger: .silent) {
                    (second, conversations, _) async throws in
                    // Routing follows nobody here, either: its projection would move while these tests look for changes.
                    try await RunningService<RoutingModule>.during(
                        environment: surroundings.environment(
                            "routing",
                            [
                                "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1",
                                "SWITCHBOARD_CONTACTS_ADDRESSES": "127.0.0.1:1",
                            ]), logger: .silent
                    ) { (third, routing, _) async throws in
                        try await surroundings.withTickets(contacts) { (tickets, services) async throws in
                            let sides = [
                                Side("contacts", contacts, first.module.services),
                                Side("conversations", conversations, second.module.services),
                                Side("routing", routing, third.module.services),
                                Side("tickets", tickets, services),
                            ]
                            try await database.withAdministrator { administrator in
                                let place = Place(
                                    callers: try await Callers(keys), sides: sides, administrator: administrator,
                                    contract: try Contract())
                                try await place.directoryIsThere()
                                if gateway {
                                    let addresses = [contacts, conversations, routing, tickets]
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

    /// What every service is told.
    private struct Surroundings: Sendable {
        let keys: LocalKeys
        let directory: String
        let database: TestDatabase

        func environment(_ name: String, _ more: [String: String]) -> [String: String] {
            [
                "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: name),
                "SWITCHBOARD_DRAIN_GRACE": "1s",
            ].merging(name == "gateway" ? [:] : ["SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: name)]) { $1 }
                .merging(more) { $1 }
        }

        /// Like contacts, it has nobody to follow here: what conversations do would change its tables while they are looked at.
        func withTickets(
            _ contacts: ServerAddress, _ body: @escaping @Sendable (ServerAddress, [any GRPC.Service]) async throws -> Void
        ) async throws {
            let environment = environment(
                "tickets",
                [
                    "SWITCHBOARD_CONTACTS_ADDRESSES": "\(contacts.host):\(contacts.port)",
                    "SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1",
                ])
            try await RunningService<TicketsModule>.during(environment: environment, logger: .silent) {
                (running, address, _) async throws in
                try await body(address, running.module.services)
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

    /// Conversations brings its directory into the database beside serving.
    private func directoryIsThere() async throws {
        while try await tables()["conversations.channel_account"]?.rows != 4 { try await Task.sleep(for: .milliseconds(20)) }
    }

    /// Every method that the modules serve.
    var methods: [(side: Side, service: ServiceDescriptor, method: MethodDescriptor)] {
        sides.flatMap { side in side.services.flatMap { service in service.methods.map { (side, service, $0) } } }
    }

    /// What one table holds.
    struct Table: Sendable, Hashable {
        var rows: Int
        /// Of the place and the writer of every row: a row that is written again, even with the same content, changes it.
        var digest: String
    }

    /// What the tables of all schemas hold, but for the leases that loops take by themselves.
    func tables() async throws -> [String: Table] {
        let rows = try await administrator.query(
            """
            select name, (xpath('/row/n/text()', look))[1]::text::bigint, coalesce((xpath('/row/h/text()', look))[1]::text, '')
            from (
                select
                    format('%I.%I', n.nspname, c.relname) as name,
                    query_to_xml(
                        format(
                            'select count(*) as n, md5(string_agg(t.ctid::text || t.xmin, '' '' order by t.ctid)) as h from %I.%I t',
                            n.nspname, c.relname), false, true, '') as look
                from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('contacts', 'conversations', 'routing', 'tickets') and c.relkind = 'r' and c.relname <> 'event_consumer'
            ) looks
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map { row in
                let (name, rows, digest) = try row.decode((String, Int, String).self)
                return (name, Table(rows: rows, digest: digest))
            })
    }

    /// Names the tables that are not what they were.
    func changes(since before: [String: Table]) async throws -> [String] {
        let now = try await tables()
        // A month's partition that the log's upkeep makes meanwhile is empty.
        let none = Table(rows: 0, digest: "")
        return Set(now.keys).union(before.keys).filter { now[$0, default: none] != before[$0, default: none] }.sorted()
    }

    /// Gives a queued conversation to a bot: a state that no RPC of this release leads to.
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
