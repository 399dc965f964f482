import CertificateTesting
import ContactsV1
import Foundation
import GRPC
import GRPCHealthV1
import GRPCTLS
import PostgresTesting
import Testing
import Trials
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

/// Services whose connections are secured by their configuration.
@Suite("TLS between services", .serialized, .timeLimit(.minutes(1)))
struct TLSTests {
    /// An authority with a certificate for each of these services, and the variables of contacts.
    private func withPlatform(
        _ body: (Authority, LocalKeys, [String: String]) async throws -> Void
    ) async throws {
        let authority = try Authority()
        defer { authority.remove() }
        for service in ["contacts", "gateway", "tickets"] {
            try authority.issue(service, "DNS:localhost", "URI:spiffe://example.org/\(service)")
        }
        let keys = LocalKeys(directory: authority.path("keys"))
        try keys.create(services: ["contacts"])
        try await body(
            authority, keys,
            [
                "SWITCHBOARD_ENVIRONMENT": "development", "SWITCHBOARD_TOKEN_JWKS": keys.tokenJWKS,
                "SWITCHBOARD_SERVICE_JWKS": keys.serviceJWKS,
                "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(try FreePort.next())",
                "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:\(try FreePort.next())",
                "SWITCHBOARD_GRPC_TLS": "mutual", "SWITCHBOARD_TLS_CERTIFICATE": authority.path("contacts.pem"),
                "SWITCHBOARD_TLS_KEY": authority.path("contacts.key"), "SWITCHBOARD_TLS_ROOTS": authority.certificate,
                "SWITCHBOARD_TLS_CLIENTS": "spiffe://example.org/gateway,spiffe://example.org/contacts",
                "SWITCHBOARD_TLS_RELOAD": "20ms", "SWITCHBOARD_DRAIN_GRACE": "1s",
            ])
    }

    private func security(_ caller: String, expecting server: String, _ authority: Authority) throws -> TLSChannelSecurity {
        let credentials = try Credentials(
            files: .init(
                certificateChain: authority.path("\(caller).pem"), privateKey: authority.path("\(caller).key"),
                trustRoots: authority.certificate))
        return try TLSChannelSecurity(
            credentials, server: .identified { $0.description == "spiffe://example.org/\(server)" })
    }

    /// Whether a caller with this certificate (nil: in plain text) is answered by a server that shows this identity.
    private func isAnswered(
        _ address: String?, as caller: String?, by server: String = "contacts", _ authority: Authority
    ) async throws -> Bool {
        var configuration = ChannelConfiguration()
        configuration.waitForReady = false
        if let caller { configuration.security = try security(caller, expecting: server, authority) }
        let channel = Channel(addresses: [try #require(ServerAddress(address ?? ""))], configuration: configuration)
        var isAnswered = true
        do throws(RPCError) {
            _ = try await HealthClient(channel).check(HealthCheckRequest(), CallOptions(timeout: .seconds(20)))
        } catch {
            #expect(error.code == .unavailable)
            isAnswered = false
        }
        await channel.close()
        return isAnswered
    }

    @Test("a process takes the callers it is told to, shows a renewed certificate without a restart, and its healthcheck holds")
    func process() async throws {
        try await withPlatform { authority, _, environment in
            let child = try Child(["serve"], environment)
            defer { child.signal(SIGKILL) }
            try await child.awaitErrors("\"message\":\"serving\"")
            let address = environment["SWITCHBOARD_GRPC_LISTEN"]
            #expect(try await isAnswered(address, as: "gateway", authority))
            #expect(try await !isAnswered(address, as: "tickets", authority))
            #expect(try await !isAnswered(address, as: "gateway", by: "routing", authority))
            #expect(try await !isAnswered(address, as: nil, authority))
            let check = try Child(["healthcheck"], environment)
            #expect(await check.exit() == 0)

            try authority.issue("contacts", "URI:spiffe://example.org/renewed")
            try await eventually { try await isAnswered(address, as: "gateway", by: "renewed", authority) }
            try await child.awaitErrors("certificates were read again")
            child.signal(SIGTERM)
            #expect(await child.exit() == 0)
        }
    }

    @Test("settings that cannot be used end the program, with all of them in its words")
    func wrongSettings() async throws {
        try await withPlatform { authority, _, environment in
            let wrong = [
                "SWITCHBOARD_GRPC_TLS": "tls", "SWITCHBOARD_TLS_CERTIFICATE": authority.path("absent"),
                "SWITCHBOARD_TLS_KEY": authority.certificate, "SWITCHBOARD_CALLS_MAX": "none",
            ]
            let child = try Child(["serve"], environment.merging(wrong) { $1 })
            #expect(await child.exit() != 0)
            for name in ["TLS_CERTIFICATE", "TLS_KEY", "TLS_CLIENTS", "CALLS_MAX"] {
                #expect(child.errors.contains("SWITCHBOARD_\(name):"), "\(name)")
            }
        }
    }

    @Test("a service calls another one over TLS, and only the one it is told to")
    func calls() async throws {
        try await withPlatform { authority, keys, environment in
            for (expected, isRight) in [("contacts", true), ("tickets", false)] {
                var environment = environment
                // It calls itself.
                environment["SWITCHBOARD_CONTACTS_ADDRESSES"] = environment["SWITCHBOARD_GRPC_LISTEN"]
                environment["SWITCHBOARD_CALLS_TLS"] = "tls"
                environment["SWITCHBOARD_CONTACTS_IDENTITY"] = "spiffe://example.org/\(expected)"
                let token = try await keys.agentToken(
                    tenantID: .v7(at: .now), agentID: .v7(at: .now), name: "Ana", roles: ["agent"], now: .now)
                var options = CallOptions(timeout: .seconds(isRight ? 20 : 2))
                options.metadata.add("Bearer \(token)", for: "authorization")
                let (call, address) = (options, environment["SWITCHBOARD_GRPC_LISTEN"])
                try await RunningService<PlainModule>.during(environment: environment, logger: .quiet) { (_, _, _) async throws in
                    var configuration = ChannelConfiguration()
                    configuration.security = try security("gateway", expecting: "contacts", authority)
                    let channel = Channel(
                        addresses: [try #require(ServerAddress(address ?? ""))], configuration: configuration)
                    let client = ContactsServiceClient(channel)
                    let answer = try? await client.getContact(GetContactRequest(contactID: "relay"), call)
                    #expect((answer?.contact?.contactID == "trace") == isRight)
                    await channel.close()
                }
            }
        }
    }
}
