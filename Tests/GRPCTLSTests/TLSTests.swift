import CertificateTesting
import FoundationEssentials
import GRPC
import GRPCTLS
import GoogleProtobuf
import InMemoryLogging
import Logging
import MetricsTestKit
import Testing
import Trials

@Suite("TLS with real certificates", .timeLimit(.minutes(2)))
struct TLSTests {
    /// A server that tells callers who they are, and its port.
    private func serve(
        _ credentials: Credentials, clients: TLSServerSecurity.Clients = .certified, metrics: TestMetrics = TestMetrics(),
        log: InMemoryLogHandler = InMemoryLogHandler(), _ body: (Int) async throws -> Void
    ) async throws {
        var router = Router()
        router.unary(.whoAmI) { (_: StringValue, context) in
            StringValue(value: context.peerIdentity?.spiffeID?.description ?? "nobody")
        }
        var configuration = ServerConfiguration()
        configuration.security = try TLSServerSecurity(credentials, clients: clients)
        configuration.metrics = metrics
        configuration.logger = Logger(label: "tls", factory: { _ in log })
        let server = Server(configuration: configuration, router: router)
        let port = try await server.start().port ?? 0
        do {
            try await body(port)
        } catch {
            await server.drain(within: .zero)
            throw error
        }
        await server.drain(within: .zero)
    }

    private func ask(
        _ port: Int, host: String = "localhost", as caller: Credentials, server: TLSChannelSecurity.Server = .ofItsHost
    ) async throws -> String {
        try await ask(port, host: host, try TLSChannelSecurity(caller, server: server))
    }

    /// Who the server says the caller is, or the reason why there is no answer.
    private func ask(_ port: Int, host: String = "localhost", _ security: TLSChannelSecurity?) async throws -> String {
        var configuration = ChannelConfiguration()
        configuration.security = security
        configuration.waitForReady = false
        let channel = Channel(addresses: [ServerAddress(host: host, port: port)], configuration: configuration)
        var answer = ""
        do throws(RPCError) {
            let text: StringValue = try await channel.unary(.whoAmI, StringValue(), CallOptions(timeout: .seconds(30)))
            answer = text.value
        } catch {
            #expect(error.code == .unavailable)
            answer = "\(error.message)"
        }
        await channel.close()
        return answer
    }

    private func credentials(_ authority: Authority, _ file: String?, roots: String? = nil) throws -> Credentials {
        try Credentials(
            files: .init(
                certificateChain: file.map { authority.path("\($0).pem") }, privateKey: file.map { authority.path("\($0).key") },
                trustRoots: roots ?? authority.certificate))
    }

    private func withAuthority(_ body: (Authority) async throws -> Void) async throws {
        let authority = try Authority()
        defer { authority.remove() }
        try authority.issue("server", "DNS:localhost", "IP:127.0.0.1", "URI:spiffe://example.org/server")
        try authority.issue("client", "URI:spiffe://example.org/client")
        try await body(authority)
    }

    @Test("a server is believed by its host's name, by its address, and by a name that is asked for")
    func serverNames() async throws {
        try await withAuthority { authority in
            try authority.issue("other", "DNS:other.example")
            let client = try credentials(authority, nil)
            try await serve(try credentials(authority, "server"), clients: .anybody) { port in
                let byName = try await ask(port, as: client)
                let byAddress = try await ask(port, host: "127.0.0.1", as: client)
                let byAnotherName = try await ask(port, as: client, server: .named("other.example"))
                #expect([byName, byAddress] == ["nobody", "nobody"])
                #expect(byAnotherName.contains("no server"))
            }
            try await serve(try credentials(authority, "other"), clients: .anybody) { port in
                let byName = try await ask(port, as: client)
                let byAnotherName = try await ask(port, as: client, server: .named("other.example"))
                #expect(byName.contains("no server"))
                #expect(byAnotherName == "nobody")
            }
        }
    }

    @Test("a certificate of another authority is not believed, on neither side; nor is none")
    func strangers() async throws {
        try await withAuthority { authority in
            let stranger = try Authority("stranger", in: authority.folder)
            try stranger.issue("foreign", "DNS:localhost", "URI:spiffe://example.org/client")
            try await serve(try credentials(authority, "server")) { port in
                let foreign = try credentials(authority, "foreign")
                #expect(try await ask(port, as: foreign).contains("no server"))
                let nobody = try credentials(authority, nil)
                #expect(try await ask(port, as: nobody).contains("no server"))
                let deceived = try credentials(authority, "client", roots: stranger.certificate)
                #expect(try await ask(port, as: deceived).contains("no server"))
            }
        }
    }

    @Test("mutual TLS: a handler knows its caller by SPIFFE ID, and a channel its server")
    func spiffe() async throws {
        try await withAuthority { authority in
            try await serve(try credentials(authority, "server")) { port in
                let client = try credentials(authority, "client")
                let right = try TLSChannelSecurity(client, server: .identified { $0.path == "/server" })
                #expect(try await ask(port, right) == "spiffe://example.org/client")
                let wrong = try TLSChannelSecurity(client, server: .identified { $0.path == "/another" })
                #expect(try await ask(port, wrong).contains("the server is spiffe://example.org/server"))
            }
        }
    }

    @Test("a server that asks for certain callers cuts the others off before a handler runs, and says in the log who they are")
    func callers() async throws {
        try await withAuthority { authority in
            try authority.issue("other", "URI:spiffe://example.org/other")
            try authority.issue("unnamed", "DNS:client")
            let (log, server) = (InMemoryLogHandler(), try credentials(authority, "server"))
            try await serve(server, clients: .identified { $0.path == "/client" }, log: log) { port in
                for file in ["other", "unnamed"] {
                    let answer = try await ask(port, as: try credentials(authority, file))
                    #expect(!answer.hasPrefix("spiffe://"))
                    let told = file == "other" ? "the client is spiffe://example.org/other" : "the client is client"
                    try await eventually {
                        log.entries.contains {
                            $0.metadata["limit"] == "tls_handshake_failed" && "\($0.metadata["reason"] ?? "")" == told
                        }
                    }
                }
                #expect(try await ask(port, as: try credentials(authority, "client")) == "spiffe://example.org/client")
            }
        }
    }

    @Test("plain text on the port of TLS, and TLS on a port of plain text, come to nothing")
    func plaintext() async throws {
        try await withAuthority { authority in
            let metrics = TestMetrics()
            try await serve(try credentials(authority, "server"), clients: .anybody, metrics: metrics) { port in
                #expect(try await ask(port, nil).contains("no server"))
                try await eventually {
                    metrics.counterTotal(
                        label: "grpc_server_limits_passed_total", dimensions: [("limit", "tls_handshake_failed")]) > 0
                }
            }
            let server = Server()
            let port = try await server.start().port ?? 0
            let client = try credentials(authority, nil)
            #expect(try await ask(port, as: client).contains("no server"))
            await server.drain(within: .zero)
        }
    }

    @Test("new certificates are used from the next connection on; files that are wrong change nothing")
    func reload() async throws {
        try await withAuthority { authority in
            let (server, client) = (try credentials(authority, "server"), try credentials(authority, "client"))
            let security = try TLSChannelSecurity(client, server: .identified { _ in true })
            try await serve(server) { port in
                #expect(try await ask(port, security) == "spiffe://example.org/client")
                #expect(try !client.reload())
                try authority.issue("client", "URI:spiffe://example.org/renewed")
                #expect(try client.reload())
                #expect(try await ask(port, security) == "spiffe://example.org/renewed")
                let key = authority.path("client.key")
                let good = try Data(contentsOf: URL(filePath: key))
                try Data(contentsOf: URL(filePath: authority.path("server.key"))).write(to: URL(filePath: key))
                #expect(throws: CredentialsError.keyOfAnotherCertificate) { try client.reload() }
                #expect(try await ask(port, security) == "spiffe://example.org/renewed")
                try good.write(to: URL(filePath: key))
                #expect(try !client.reload())
            }
        }
    }

    @Test("a server whose files change serves with the new certificate, by itself")
    func watches() async throws {
        try await withAuthority { authority in
            let server = try credentials(authority, "server")
            let client = try credentials(authority, "client")
            let security = try TLSChannelSecurity(client, server: .identified { $0.path == "/renewed" })
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await server.run(every: .milliseconds(20)) }
                try await serve(server) { port in
                    #expect(try await ask(port, security).contains("the server is spiffe://example.org/server"))
                    try authority.issue("server", "URI:spiffe://example.org/renewed")
                    try await eventually { try await ask(port, security) == "spiffe://example.org/client" }
                }
                group.cancelAll()
            }
        }
    }

    @Test("files that cannot be used are refused with a reason")
    func unusable() throws {
        let authority = try Authority()
        defer { authority.remove() }
        try authority.issue("a", "DNS:a")
        try authority.issue("b", "DNS:b")
        let (a, key, absent) = (authority.path("a.pem"), authority.path("b.key"), authority.path("absent"))
        for (files, error) in [
            (.init(certificateChain: absent, privateKey: key), .unreadable(path: absent)),
            (.init(certificateChain: a), .chainWithoutKey),
            (.init(certificateChain: a, privateKey: a), .malformed("private key")),
            (.init(trustRoots: key), .malformed("trust roots")),
            (.init(certificateChain: a, privateKey: key), .keyOfAnotherCertificate),
        ] as [(Credentials.Files, CredentialsError)] {
            #expect(throws: error) { try Credentials(files: files) }
        }
        #expect(throws: CredentialsError.serverWithoutCertificate) {
            try TLSServerSecurity(try Credentials(files: .init(trustRoots: authority.certificate)))
        }
    }

    @Test("curl speaks HTTP/2 to the port, is turned away with HTTP/1.1, and needs a certificate where one is asked for")
    func curl() async throws {
        try await withAuthority { authority in
            func curl(_ port: Int, _ arguments: String...) throws -> (status: Int32, output: String) {
                let rest = ["--cacert", authority.certificate, "https://localhost:\(port)/"]
                return try Command.run(
                    "curl", ["-sS", "-m", "20", "-o", "/dev/null", "-w", "%{http_version} %{http_code}"] + arguments + rest,
                    in: authority.folder)
            }
            try await serve(try credentials(authority, "server"), clients: .anybody) { port in
                // 405: GET is no gRPC, but it was understood.
                let (new, old) = (try curl(port, "--http2"), try curl(port, "--http1.1"))
                #expect(new.output == "2 405")
                #expect(old.status != 0)
            }
            try await serve(try credentials(authority, "server")) { port in
                let nobody = try curl(port, "--http2")
                let client = try curl(port, "--http2", "--cert", "client.pem", "--key", "client.key")
                #expect(nobody.status != 0)
                #expect(client.output == "2 405")
            }
        }
    }
}
