import ContactsV1
import Foundation
import GRPC
import Logging
import PostgresTesting
import Testing
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

/// A service on real sockets, in this process.
@Suite("Running service", .serialized)
struct ServiceTests {
    static let tenant = UUID.v7(at: .now)
    static let agent = UUID.v7(at: .now)

    /// Keys in a directory of their own, and the variables of a service that uses them.
    private func withEnvironment<Answer>(
        _ body: (LocalKeys, [String: String]) async throws -> Answer
    ) async throws -> Answer {
        let directory = FileManager.default.temporaryDirectory.appending(path: "service-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let keys = LocalKeys(directory: directory)
        try keys.create(services: ["contacts", "conversations", "tickets"])
        return try await body(
            keys,
            [
                "SWITCHBOARD_ENVIRONMENT": "test", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:0",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:0", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS, "SWITCHBOARD_SERVICE_KEY_FILE": keys.privateKey(of: "contacts"),
                "SWITCHBOARD_TEST_CLOCK": "\(directory)/clock",
            ])
    }

    private func token(_ keys: LocalKeys, _ roles: String...) async throws -> CallOptions {
        let token = try await keys.agentToken(
            tenantID: Self.tenant, agentID: Self.agent, name: "Ana", roles: roles, now: .now)
        return options(["authorization": "Bearer \(token)"])
    }

    private func options(_ entries: [String: String]) -> CallOptions {
        var options = CallOptions(timeout: .seconds(5))
        for (name, value) in entries { options.metadata.add(value, for: name) }
        return options
    }

    private func withClient<Answer: Sendable>(
        _ address: ServerAddress, interceptors: [any ClientInterceptor] = [],
        _ body: (ContactsServiceClient) async throws -> Answer
    ) async throws -> Answer {
        let channel = Channel(addresses: [address], interceptors: interceptors)
        do {
            let answer = try await body(ContactsServiceClient(channel))
            await channel.close()
            return answer
        } catch {
            await channel.close()
            throw error
        }
    }

    private func failure(_ client: ContactsServiceClient, _ id: String, _ options: CallOptions) async -> RPCError? {
        do {
            _ = try await client.getContact(GetContactRequest(contactID: id), options)
            return nil
        } catch { return error }
    }

    @Test("callers are told apart, refusals are coded, unexpected errors go out bare", .timeLimit(.minutes(1)))
    func callers() async throws {
        try await withEnvironment { (keys, environment) async throws in
            let agent = try await token(keys, "agent")
            let nobody = try await token(keys)
            try await RunningService<PlainModule>.during(environment: environment, logger: .quiet) { (_, grpc, _) async throws in
                try await withClient(grpc) { (client) async throws in
                    #expect(await failure(client, "x", CallOptions(timeout: .seconds(5)))?.code == .unauthenticated)
                    #expect(await failure(client, "x", nobody)?.code == .permissionDenied)
                    let missing = await failure(client, "x", agent)
                    #expect(missing?.reason == "CONTACT_NOT_FOUND")
                    #expect(missing?.metadata["x-request-id"] != nil)
                    let boom = await failure(client, "boom", agent)
                    #expect(boom?.code == .internal)
                    #expect(boom?.reason == "INTERNAL")
                    #expect(boom.map { !"\($0) \($0.details)".contains("canary") } == true)
                    let who = try await client.getContact(GetContactRequest(contactID: "who"), agent)
                    #expect(who.contact?.displayName == "agent:\(Self.agent.text) \(Self.tenant.text)")
                    let unimplemented = await #expect(throws: RPCError.self) {
                        try await client.mergeContacts(MergeContactsRequest(), try await token(keys, "admin"))
                    }
                    #expect(unimplemented?.code == .unimplemented)
                }
            }
        }
    }

    @Test(
        "trace and request id pass through a call into the next; a service's own call names its tenant", .timeLimit(.minutes(1)))
    func relays() async throws {
        try await withEnvironment { (keys, environment) async throws in
            var environment = environment
            // A fixed port, as the service calls itself.
            let port = try FreePort.next()
            environment["SWITCHBOARD_DRAIN_GRACE"] = "1s"
            environment["SWITCHBOARD_GRPC_LISTEN"] = "127.0.0.1:\(port)"
            environment["SWITCHBOARD_CONTACTS_ADDRESSES"] = "127.0.0.1:\(port)"
            let agent = try await token(keys, "agent")
            try await RunningService<PlainModule>.during(environment: environment, logger: .quiet) { (_, grpc, _) async throws in
                try await withClient(grpc) { (client) async throws in
                    var traced = agent
                    traced.metadata["traceparent"] = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
                    traced.metadata["x-request-id"] = "request-7"
                    let answer = try await client.getContact(GetContactRequest(contactID: "relay"), traced)
                    #expect(answer.contact?.displayName == "4bf92f3577b34da6a3ce929d0e0e4736 request-7")
                    let refused = await failure(client, "relay as service", agent)
                    // contacts is not among those who may call GetContact in their own name.
                    #expect(refused?.reason == "CALLER_DENIED")
                }
                let credentials = try ServiceCredentials(
                    service: "tickets", key: String(contentsOfFile: keys.privateKey(of: "tickets"), encoding: .utf8))
                let own = CredentialsInterceptor(callee: "contacts", credentials: credentials)
                try await withClient(grpc, interceptors: [own]) { (client) async throws in
                    let who = try await OutgoingIdentity.asService(for: Self.tenant) {
                        try await client.getContact(GetContactRequest(contactID: "who"))
                    }
                    #expect(who.contact?.displayName == "service:tickets \(Self.tenant.text)")
                }
            }
        }
    }

    @Test(
        "P6: the admin port tells life, readiness and metrics; the log's level and the clock can be set", .timeLimit(.minutes(1)))
    func adminPort() async throws {
        try await withEnvironment { (keys, environment) async throws in
            try await RunningService<PlainModule>.during(environment: environment, logger: .quiet) {
                (service, _, admin) async throws in
                #expect(try await admin.get("/livez").status == 200)
                #expect(try await admin.get("/readyz").status == 200)
                #expect(try await admin.get("/metrics").status == 200)
                #expect(try await admin.get("/nothing").status == 404)
                #expect(try await admin.put("/log/level", "loud").status == 400)
                #expect(try await admin.put("/log/level", "debug").body == "debug\n")
                #expect(LogLevel.current == .debug)
                #expect(try await admin.post("/test/clock", "2030-01-01T00:00:00Z").body == "2030-01-01T00:00:00Z\n")
                #expect(try await admin.post("/test/clock", "+90s").body == "2030-01-01T00:01:30Z\n")
                #expect(try await admin.post("/test/clock", "later").status == 400)
                #expect(service.runtime.clock.now.rfc3339 == "2030-01-01T00:01:30Z")
                #expect(try await admin.post("/test/settle").body == "settled\n")
            }
            LogLevel.current = .info
        }
    }

    @Test("outside of tests the admin port has no clock and no settle", .timeLimit(.minutes(1)))
    func noTestRoutes() async throws {
        try await withEnvironment { (keys, environment) async throws in
            var environment = environment
            environment["SWITCHBOARD_ENVIRONMENT"] = "development"
            environment["SWITCHBOARD_TEST_CLOCK"] = nil
            try await RunningService<PlainModule>.during(environment: environment, logger: .quiet) { (_, _, admin) async throws in
                #expect(try await admin.post("/test/settle").status == 404)
                #expect(try await admin.post("/test/clock", "+1s").status == 404)
            }
        }
    }

    @Test("a service is ready with its database", .timeLimit(.minutes(1)))
    func readyWithDatabase() async throws {
        try await withTestDatabase(migrating: DatabaseModule.migrations!) { (database) async throws in
            let url = database.runtimeURL
            try await withEnvironment { (keys, environment) async throws in
                var environment = environment
                environment["SWITCHBOARD_DATABASE_URL"] = url
                try await RunningService<DatabaseModule>.during(environment: environment, logger: .quiet) {
                    (_, _, admin) async throws in
                    #expect(try await admin.get("/readyz").status == 200)
                }
            }
        }
    }

    @Test("a service starts without its database, lives, and is not ready", .timeLimit(.minutes(1)))
    func notReadyWithoutDatabase() async throws {
        try await withEnvironment { (keys, environment) async throws in
            var environment = environment
            environment["SWITCHBOARD_DATABASE_URL"] = "postgresql://contacts_runtime@127.0.0.1:\(try FreePort.next())/none"
            try await RunningService<DatabaseModule>.during(environment: environment, logger: .quiet) {
                (_, _, admin) async throws in
                #expect(try await admin.get("/livez").status == 200)
                #expect(try await admin.get("/readyz").status == 503)
            }
        }
    }
}
