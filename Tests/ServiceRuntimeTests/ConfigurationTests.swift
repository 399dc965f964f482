import CertificateTesting
import Foundation
import GRPC
import Testing

@testable import ServiceRuntime

@Suite("Configuration")
struct ConfigurationTests {
    @Test("every problem is told at once, with what to do")
    func allProblemsAtOnce() {
        var reader = ConfigurationReader(environment: [
            "SWITCHBOARD_ENVIRONMENT": "staging", "SWITCHBOARD_GRPC_LISTEN": "nowhere",
            "SWITCHBOARD_DATABASE_CONNECTIONS": "0", "SWITCHBOARD_DRAIN_GRACE": "soon",
            "SWITCHBOARD_SERVICE_KEY": "not a key", "SWITCHBOARD_TEST_CLOCK": "/tmp/clock",
        ])
        _ = RuntimeConfiguration.read(&reader, for: DatabaseModule.self)
        let problems = reader.problems.joined(separator: "\n")
        for name in [
            "ENVIRONMENT", "GRPC_LISTEN", "DATABASE_URL", "DATABASE_CONNECTIONS", "DRAIN_GRACE", "SERVICE_KEY", "TEST_CLOCK",
            "TOKEN_JWKS", "SERVICE_JWKS",
        ] {
            #expect(problems.contains("SWITCHBOARD_\(name):"), "\(name) is not told")
        }
        #expect(!problems.contains("not a key"), "a secret's value is shown")
    }

    @Test("production refuses what is unsafe by default, and nothing of a complete configuration")
    func production() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let keys = LocalKeys(directory: directory)
        try keys.create(services: ["contacts"])
        let complete = [
            "TOKEN_ISSUER": "https://issuer.example", "TOKEN_JWKS": "https://issuer.example/jwks",
            "SERVICE_JWKS": keys.serviceJWKS, "SERVICE_KEY_FILE": keys.privateKey(of: "contacts"),
            "DATABASE_URL": "postgresql:///switchboard", "PAGE_TOKEN_KEY": "c2l4dGVlbiByYW5kb20gYg",
        ]
        func problems(_ change: (inout [String: String]) -> Void) -> [String] {
            var variables = complete
            change(&variables)
            var reader = ConfigurationReader(
                environment: Dictionary(uniqueKeysWithValues: variables.map { ("SWITCHBOARD_\($0.key)", $0.value) }))
            let configuration = RuntimeConfiguration.read(&reader, for: DatabaseModule.self)
            #expect(configuration.environment == .production, "the default is the strictest")
            return reader.problems.map { String($0.prefix { $0 != ":" }.dropFirst("SWITCHBOARD_".count)) }
        }
        #expect(problems { _ in } == [])
        // Made from the service's key, which all replicas have.
        #expect(problems { $0["PAGE_TOKEN_KEY"] = nil } == [])
        for name in ["TOKEN_ISSUER", "TOKEN_JWKS", "SERVICE_JWKS", "DATABASE_URL"] {
            #expect(problems { $0[name] = nil } == [name])
        }
        #expect(problems { $0["SERVICE_KEY_FILE"] = nil } == ["SERVICE_KEY"])
        #expect(problems { $0["PAGE_TOKEN_KEY"] = "short" } == ["PAGE_TOKEN_KEY"])
        #expect(problems { $0["TOKEN_JWKS"] = "http://issuer.example/jwks" } == ["TOKEN_JWKS"])
        #expect(problems { $0["SERVICE_JWKS"] = "http://10.0.0.1/jwks" } == ["SERVICE_JWKS"])
        #expect(problems { $0["TEST_CLOCK"] = "/tmp/clock" } == ["TEST_CLOCK"])
    }

    @Test("TLS: each setting that cannot be used is told, all at once, and none that is given is passed over")
    func transport() throws {
        let authority = try Authority()
        defer { authority.remove() }
        try authority.issue("a", "URI:spiffe://example.org/a")
        try authority.issue("b", "URI:spiffe://example.org/b")
        let (certificate, key, roots) = (authority.path("a.pem"), authority.path("a.key"), authority.certificate)
        func problems(_ variables: [String: String]) -> Set<String> {
            var reader = ConfigurationReader(
                environment: Dictionary(uniqueKeysWithValues: variables.map { ("SWITCHBOARD_\($0.key)", $0.value) }))
            let transport = TransportConfiguration.read(&reader, calls: ["contacts"])
            if !reader.problems.isEmpty { #expect(transport.server == nil && transport.channels.isEmpty) }
            return Set(reader.problems.map { String($0.prefix { $0 != ":" }.dropFirst("SWITCHBOARD_".count)) })
        }
        let complete = [
            "GRPC_TLS": "mutual", "CALLS_TLS": "tls", "TLS_CERTIFICATE": certificate, "TLS_KEY": key, "TLS_ROOTS": roots,
            "TLS_CLIENTS": "spiffe://example.org/a, spiffe://example.org/b", "CONTACTS_IDENTITY": "spiffe://example.org/c",
        ]
        #expect(problems(complete) == [])
        #expect(problems([:]) == [])
        #expect(problems(["CALLS_TLS": "tls"]) == [], "the system's authorities")
        #expect(problems(["GRPC_TLS": "tls", "TLS_CERTIFICATE": certificate, "TLS_KEY": key]) == [])

        #expect(problems(["GRPC_TLS": "mutual"]) == ["TLS_CERTIFICATE", "TLS_KEY", "TLS_ROOTS"])
        #expect(problems(["CALLS_TLS": "tls", "TLS_CERTIFICATE": certificate]) == ["TLS_KEY"])
        #expect(
            problems(complete.merging(["GRPC_TLS": "plaintext", "CALLS_TLS": "plaintext"]) { $1 })
                == ["TLS_CERTIFICATE", "TLS_KEY", "TLS_ROOTS", "TLS_CLIENTS", "CONTACTS_IDENTITY"])
        #expect(
            problems([
                "GRPC_TLS": "ssl", "CALLS_TLS": "mutual", "TLS_CERTIFICATE": "/nowhere", "TLS_KEY": certificate, "TLS_ROOTS": key,
                "TLS_CLIENTS": "spiffe://example.org/a,b", "CONTACTS_IDENTITY": "contacts", "TLS_RELOAD": "often",
            ]) == [
                "GRPC_TLS", "CALLS_TLS", "TLS_CERTIFICATE", "TLS_KEY", "TLS_ROOTS", "TLS_CLIENTS", "CONTACTS_IDENTITY",
                "TLS_RELOAD",
            ])
        #expect(problems(complete.merging(["TLS_KEY": authority.path("b.key")]) { $1 }) == ["TLS_KEY"], "another one's key")
        #expect(problems(complete.merging(["GRPC_TLS": "tls"]) { $1 }) == ["TLS_CLIENTS"])
    }

    @Test("a secret comes from its file, and from one place only")
    func secretsFromFiles() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "secret-\(UUID().uuidString)").path
        try "hush\n".write(toFile: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(atPath: path) }
        var reader = ConfigurationReader(environment: ["SWITCHBOARD_A_FILE": path])
        #expect(reader.secret("A", required: true, "a secret")?.value == "hush")
        #expect(reader.problems.isEmpty)

        var both = ConfigurationReader(environment: ["SWITCHBOARD_A_FILE": path, "SWITCHBOARD_A": "hush"])
        _ = both.secret("A", "a secret")
        #expect(both.problems.count == 1)

        var missing = ConfigurationReader(environment: ["SWITCHBOARD_A_FILE": "/nowhere/at/all"])
        #expect(missing.secret("A", required: true, "a secret") == nil)
        #expect(missing.problems.count == 1)
    }

    @Test("a secret is not shown")
    func secretsAreNotShown() {
        let secret = Secret("hush")
        #expect("\(secret)" == "<secret>")
        #expect(String(reflecting: secret) == "<secret>")
        #expect(!"\([secret])".contains("hush"))
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!dumped.contains("hush"))
    }

    @Test("an unknown variable with our prefix is found, another's is not")
    func unknownVariables() {
        var reader = ConfigurationReader(environment: [
            "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:1", "SWITCHBOARD_GRPC_LISTNE": "127.0.0.1:1", "PATH": "/bin",
        ])
        _ = RuntimeConfiguration.read(&reader, for: DatabaseModule.self)
        #expect(reader.unknownVariables == ["SWITCHBOARD_GRPC_LISTNE"])
    }

    @Test("the help names every variable with its default")
    func help() {
        let text = Startup<DatabaseModule>.variablesText
        for name in [
            "GRPC_LISTEN [127.0.0.1:9001]", "DATABASE_URL [required]", "DATABASE_URL_FILE",
            "CONVERSATIONS_ADDRESSES [127.0.0.1:9002]",
        ] {
            #expect(text.contains("SWITCHBOARD_\(name)"))
        }
    }

    @Test("times are read and written in one unit", arguments: ["500ms", "30s", "10m", "23h", "400d", "90s"])
    func durations(_ text: String) {
        #expect(Duration(short: text)?.short == text)
    }

    @Test(
        "what is no time is refused", arguments: ["", "s", "-1s", "1.5s", "1w", "99999999999999999999s", "99999999999999d", "５s"])
    func noDurations(_ text: String) {
        #expect(Duration(short: text) == nil)
    }
}
