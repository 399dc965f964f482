import ContactsV1
import Foundation
import GRPC
import GRPCHealthV1
import GoogleRPC
import PostgresTesting
import Testing
import Trials
import WallTime

@testable import ServiceRuntime

/// A service as a real process.
@Suite("Service process", .serialized)
struct ProcessTests {
    @Test("SIGTERM drains: the running call ends well, the process exits with 0", .timeLimit(.minutes(1)))
    func drains() async throws {
        try await withProcess { (child, client, options) async throws in
            let answer = Task { try await client.getContact(GetContactRequest(contactID: "400"), options) }
            try await child.awaitOutput("begun")
            child.signal(SIGTERM)
            #expect(try await answer.value.contact?.contactID == "400")
            #expect(await child.exit() == 0)
            let log = child.errors
            #expect(log.contains("\"message\":\"draining\"") && log.contains("\"message\":\"drained\""))
        }
    }

    @Test("a second signal cuts off at once", .timeLimit(.minutes(1)))
    func secondSignal() async throws {
        try await withProcess { (child, client, options) async throws in
            let answer = Task { try await client.getContact(GetContactRequest(contactID: "20000"), options) }
            try await child.awaitOutput("begun")
            let begun = ContinuousClock.now
            child.signal(SIGTERM)
            try await child.awaitErrors("draining")
            child.signal(SIGINT)
            #expect(await child.exit() == 143)
            #expect(ContinuousClock.now - begun < .seconds(5))
            let error = await #expect(throws: RPCError.self) { _ = try await answer.value }
            #expect(error?.code == .unavailable)
        }
    }

    @Test("healthcheck tells a ready service from an absent one", .timeLimit(.minutes(1)))
    func healthcheck() async throws {
        try await withProcess { (child, _, _) async throws in
            let check = try Child(["healthcheck"], child.environment)
            #expect(await check.exit() == 0)
            child.signal(SIGTERM)
            #expect(await child.exit() == 0)
            let again = try Child(["healthcheck"], child.environment)
            #expect(await again.exit() != 0)
            // Told at once, and not after the time in which a service may answer.
            #expect(!again.errors.contains("deadline") && !again.errors.contains("imeout"), "\(again.errors)")
        }
    }

    @Test("a wrong configuration ends the program with every problem in its words", .timeLimit(.minutes(1)))
    func wrongConfiguration() async throws {
        let child = try Child(["serve"], ["SWITCHBOARD_GRPC_LISTEN": "x", "SWITCHBOARD_LOG_LEVEL": "loud"])
        #expect(await child.exit() != 0)
        for name in ["GRPC_LISTEN", "LOG_LEVEL", "TOKEN_JWKS", "SERVICE_JWKS"] {
            #expect(child.errors.contains("SWITCHBOARD_\(name):"))
        }
    }

    @Test(
        "beyond CALLS_MAX calls are refused before anybody looks who calls; the health of a busy service can be asked",
        .timeLimit(.minutes(1)))
    func overload() async throws {
        try await withProcess(["SWITCHBOARD_CALLS_MAX": "1"]) { (child, client, options) async throws in
            let running = Task { try await client.getContact(GetContactRequest(contactID: "25000"), options) }
            try await child.awaitOutput("begun")
            let error = await #expect(throws: RPCError.self) { _ = try await client.getContact(GetContactRequest()) }
            #expect(error?.code == .resourceExhausted)
            #expect(error?.reason == "OVERLOADED")
            #expect(error?.detail(RetryInfo.self)?.retryDelay != nil)
            guard case .after = error?.retryPushback else { throw RPCError(code: .unknown, message: "no pushback") }
            let admin = try #require(ServerAddress(child.environment["SWITCHBOARD_ADMIN_LISTEN"] ?? ""))
            let metrics = try await AdminClient(host: admin.host, port: admin.port).get("/metrics").body
            #expect(metrics.contains("grpc_server_calls_shed_total 1"))
            let channel = Channel(addresses: [try #require(ServerAddress(child.environment["SWITCHBOARD_GRPC_LISTEN"] ?? ""))])
            #expect(try await HealthClient(channel).check(HealthCheckRequest()).status == .serving)
            await channel.close()
            running.cancel()
            _ = await running.result
            try await eventually { (try? await client.getContact(GetContactRequest(contactID: "1"), options)) != nil }
        }
    }

    private func withProcess(
        _ more: [String: String] = [:], _ body: (Child, ContactsServiceClient, CallOptions) async throws -> Void
    ) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "process-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let keys = LocalKeys(directory: directory)
        try keys.create(services: ["contacts"])
        let port = try FreePort.next()
        let child = try Child(
            ["serve"],
            [
                "SWITCHBOARD_ENVIRONMENT": "development", "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(port)",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:\(try FreePort.next())", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS,
            ].merging(more) { $1 })
        defer { child.signal(SIGKILL) }
        try await child.awaitErrors("\"message\":\"serving\"")
        let token = try await keys.agentToken(
            tenantID: .v7(at: .now), agentID: .v7(at: .now), name: "Ana", roles: ["agent"])
        var options = CallOptions(timeout: .seconds(25))
        options.metadata.add("Bearer \(token)", for: "authorization")
        var configuration = ChannelConfiguration()
        configuration.retry.attemptsMax = 1
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: port)], configuration: configuration)
        do {
            try await body(child, ContactsServiceClient(channel), options)
        } catch {
            await channel.close()
            throw error
        }
        await channel.close()
    }
}
