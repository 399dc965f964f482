import Contacts
import ContactsV1
import Conversations
import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Logging
import Postgres
import PostgresTesting
import ServiceDatabase
import ServiceRuntime
import WallTime

/// Contacts and conversations on real sockets and one database, each with its own schema and role, and two tenants in them.
struct Place: Sendable {
    let callers: Callers
    let database: TestDatabase
    let sides: [Side]

    /// One service: where it is reached, and what its module serves.
    struct Side: Sendable {
        let name: String
        let channel: Channel
        let services: [ServiceDescriptor]
    }

    /// Runs the body while both services run.
    static func with(_ body: @escaping @Sendable (Place) async throws -> Void) async throws {
        let migrations = [ContactsModule.migrations!, ConversationsModule.migrations!]
        try await withTestDatabase(migrating: migrations[0], migrations[1]) { (database) async throws in
            let directory = FileManager.default.temporaryDirectory.appending(path: "bad-input-\(UUID().uuidString)").path
            defer { try? FileManager.default.removeItem(atPath: directory) }
            let keys = LocalKeys(directory: directory)
            try keys.create(services: Callers.serviceNames)
            try Data(People.directory.utf8).write(to: URL(filePath: "\(directory)/directory.json"))
            func environment(_ name: String, _ more: [String: String]) -> [String: String] {
                [
                    "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                    "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                    "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: name),
                    "SWITCHBOARD_DATABASE_URL": database.runtimeURL(of: name), "SWITCHBOARD_DRAIN_GRACE": "1s",
                ].merging(more) { $1 }
            }
            // Contacts' follower of conversations' events has nobody to follow here; it asks again and again.
            let contacts = environment("contacts", ["SWITCHBOARD_CONVERSATIONS_ADDRESSES": "127.0.0.1:1"])
            let conversations = environment(
                "conversations", ["SWITCHBOARD_DIRECTORY_FILE": "\(directory)/directory.json"])
            try await RunningService<ContactsModule>.during(environment: contacts, logger: .silent) {
                (first, contactsAddress, _) async throws in
                let address = "\(contactsAddress.host):\(contactsAddress.port)"
                try await RunningService<ConversationsModule>.during(
                    environment: conversations.merging(["SWITCHBOARD_CONTACTS_ADDRESSES": address]) { $1 }, logger: .silent
                ) { (second, conversationsAddress, _) async throws in
                    let sides = [
                        Side("contacts", contactsAddress, first.module.services),
                        Side("conversations", conversationsAddress, second.module.services),
                    ]
                    let place = Place(callers: try await Callers(keys), database: database, sides: sides)
                    do {
                        try await place.directoryIsThere()
                        try await body(place)
                    } catch {
                        for side in sides { await side.channel.close() }
                        throw error
                    }
                    for side in sides { await side.channel.close() }
                }
            }
        }
    }

    /// Conversations brings its directory into the database beside serving.
    private func directoryIsThere() async throws {
        while try await rowCounts()["conversations.channel_account"] != 2 { try await Task.sleep(for: .milliseconds(50)) }
    }

    /// Every method that the modules serve.
    var methods: [(side: Side, service: ServiceDescriptor, method: MethodDescriptor)] {
        sides.flatMap { side in side.services.flatMap { service in service.methods.map { (side, service, $0) } } }
    }

    /// How many rows each table of the two schemas holds, but for the leases that loops take by themselves.
    func rowCounts() async throws -> [String: Int] {
        try await database.withAdministrator { pool in
            let tables = try await pool.query(
                """
                select format('%I.%I', n.nspname, c.relname) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                where n.nspname in ('contacts', 'conversations') and c.relkind = 'r'
                    and c.relname <> 'event_consumer'
                """)
            var counts: [String: Int] = [:]
            for row in tables {
                let table: String = try row.decode(String.self)
                let rows = try await pool.query(
                    """
                    select (xpath('/row/n/text()', query_to_xml(format('select count(*) as n from %s', \(table)::text),
                        false, true, '')))[1]::text::bigint
                    """)
                counts[table] = try rows.only?.decode(Int.self)
            }
            return counts
        }
    }
}

extension Place.Side {
    fileprivate init(_ name: String, _ address: ServerAddress, _ services: [any GRPC.Service]) {
        self.init(
            name: name, channel: Channel(addresses: [address]), services: services.map { type(of: $0).descriptor })
    }

    /// One call with these bytes as its only message.
    /// - Returns: nil for OK.
    func call(_ method: MethodDescriptor, _ body: [UInt8], _ metadata: Metadata) async -> RPCError? {
        // A bound for a machine that stands still, not for the service.
        let options = CallOptions(timeout: .seconds(60), metadata: metadata)
        do {
            if method.kind == .unary {
                _ = try await channel.unaryRaw(method, body, options)
            } else {
                try await channel.raw(method, options) { requests, answers in
                    try? await requests.write(body)
                    requests.finish()
                    for try await _ in answers {}
                }
            }
            return nil
        } catch let error as RPCError {
            return error
        } catch {
            return RPCError(code: .unknown, message: "\(error)")
        }
    }
}

extension Logger {
    /// What these tests provoke is logged as it should be; nobody reads it here.
    fileprivate static var silent: Logger { Logger(label: "bad-input") { _ in SwiftLogNoOpLogHandler() } }
}
