import Foundation
import ServiceRuntime
import WallTime

/// Switchboard as it is deployed: each service a process of its own, on its own port, over a PostgreSQL of its own; set up by
/// the commands that set it up anywhere.
package final class Platform: Sendable {
    package let postgres: PrivatePostgres
    package let tenantID = UUID.v7(at: .now)
    /// Ten agents of one department, with five slots each.
    package let agentIDs = (0..<10).map { _ in UUID.v7(at: .now) }
    package var agentID: UUID { agentIDs[0] }
    package let departmentID = UUID.v7(at: .now)
    package let channelAccountID = UUID.v7(at: .now)
    /// An account whose messages go to a provider: nowhere, unless `providersFile` says where.
    package let providerAccountID = UUID.v7(at: .now)
    package let directory: String
    let programs: String

    private init() async throws {
        programs = try Self.programsDirectory()
        directory = FileManager.default.temporaryDirectory.appending(path: "switchboard-end-to-end-\(UUID().text)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        postgres = try await PrivatePostgres(logFile: directory + "/pg_ctl.log")
    }

    /// Sets a platform up for the body; nothing of it is left afterwards.
    package static func with<Answer: Sendable>(_ body: (Platform) async throws -> Answer) async throws -> Answer {
        let platform = try await Platform()
        defer { platform.discard() }
        try await platform.setUp()
        return try await body(platform)
    }

    /// The programs that were built together with this test.
    package static func programsDirectory() throws -> String {
        let path = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let directory = URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isExecutableFile(atPath: directory + "/switchboard-contacts") else {
            throw ChildProcessError("the programs are not beside the test, in \(directory)")
        }
        return directory
    }

    private func setUp() async throws {
        _ = try await run(
            "switchboard", ["bootstrap"] + Self.keepers,
            ["SWITCHBOARD_ADMINISTRATOR_URL": postgres.cluster.administratorURL(PrivatePostgres.database)])
        for service in Self.keepers where isBuilt(service) {
            _ = try await run(
                "switchboard-\(service)", ["migrate"], ["SWITCHBOARD_DATABASE_OWNER_URL": postgres.url("\(service)_owner")])
        }
        let named = (["gateway", "switchboard"] + Self.keepers).flatMap { ["--service", $0] }
        _ = try await run("switchboard", ["keys", keys] + named)
    }

    /// Writes what `seed` brings into routing, and the channel accounts that conversations makes.
    /// - Parameters:
    ///   - own: a test's own; nil: the usual one.
    ///   - origins: of the pages that the usual one's widget may be on.
    func writeSeed(_ own: String?, origins: [String]) throws {
        try (own ?? seed(origins: origins)).write(toFile: directory + "/directory.json", atomically: true, encoding: .utf8)
    }

    /// Brings the tenant into routing, as `./dev up` does, and waits until conversations knows it.
    func seed(routing: Int, conversations: Int) async throws {
        _ = try await run(
            "switchboard",
            [
                "seed", directory + "/directory.json", "--keys", keys, "--routing", "127.0.0.1:\(routing)",
                "--conversations", "127.0.0.1:\(conversations)",
            ] + tlsArguments)
    }

    private func discard() {
        _ = try? FileManager.default.removeItem(atPath: directory)
    }

    // MARK: - Commands

    package var keys: String { directory + "/keys" }

    /// Runs one of the programs to its end.
    package func run(_ program: String, _ arguments: [String], _ environment: [String: String] = [:]) async throws -> String {
        try await ChildProcess.run(
            ["\(programs)/\(program)"] + arguments, environment: environment,
            logFile: "\(directory)/\(program)-\(arguments[0]).log")
    }

    package func agentToken(role: String = "admin") async throws -> String {
        try await LocalKeys(directory: keys).agentToken(
            tenantID: tenantID, agentID: agentID, name: "Ana", roles: [role])
    }

    /// What a service says who it is, in its calls to others.
    package func credentials(of service: String) throws -> ServiceCredentials {
        try ServiceCredentials(service: service, key: readFile(LocalKeys(directory: keys).privateKey(of: service)))
    }

    package func isBuilt(_ service: String) -> Bool { FileManager.default.isExecutableFile(atPath: program(of: service)) }

    // MARK: - Services

    /// What every process of a service is told.
    func environment(
        of service: String, _ listen: Listen, _ addresses: [String: String], databasePort: Int? = nil
    ) -> [String: String] {
        var environment = [
            "SWITCHBOARD_ENVIRONMENT": "test",
            "SWITCHBOARD_GRPC_LISTEN": "127.0.0.1:\(listen.grpc)",
            "SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:\(listen.admin)",
            "SWITCHBOARD_TOKEN_JWKS": keys + "/token-jwks.json",
            "SWITCHBOARD_SERVICE_JWKS": keys + "/service-jwks.json",
            "SWITCHBOARD_SERVICE_KEY_FILE": keys + "/\(service).pem",
            // A crash is what these tests are about; its picture takes time and is not looked at.
            "SWIFT_BACKTRACE": "enable=no",
        ]
        for (callee, address) in addresses { environment["SWITCHBOARD_\(callee.uppercased())_ADDRESSES"] = address }
        if service != "gateway" {
            environment["SWITCHBOARD_DATABASE_URL"] = postgres.url("\(service)_runtime", port: databasePort)
        }
        environment.merge(tlsVariables(of: service)) { $1 }
        switch service {
        case "gateway":
            environment["SWITCHBOARD_HTTP_LISTEN"] = "127.0.0.1:\(listen.http)"
            // Peers that ask a lot are not to be told to wait.
            environment["SWITCHBOARD_RATE_PRINCIPAL"] = "1000000"
            environment["SWITCHBOARD_RATE_ADDRESS"] = "1000000"
        case "channels":
            environment["SWITCHBOARD_WEBHOOK_LOOPBACK"] = "true"
            if FileManager.default.fileExists(atPath: providersFile) {
                environment["SWITCHBOARD_PROVIDERS_FILE"] = providersFile
            }
        case "conversations":
            environment["SWITCHBOARD_DIRECTORY_FILE"] = directory + "/directory.json"
        default: break
        }
        return environment
    }

    func program(of service: String) -> String { "\(programs)/switchboard-\(service)" }

    /// What channels is told of providers, if a test has written it.
    package var providersFile: String { directory + "/providers.json" }

    package static let widgetKey = "end-to-end"

    private func seed(of agent: UUID) -> String {
        """
        {"id": "\(agent.text)", "name": "Ana", "role": "agent", "departments": ["\(departmentID.text)"], "loadMax": 5}
        """
    }

    /// One tenant with one department, its agents and one web chat.
    private func seed(origins: [String]) -> String {
        """
        {"tenants": [{
            "id": "\(tenantID.text)", "name": "End to end",
            "departments": [{"id": "\(departmentID.text)", "name": "Support", "default": true}],
            "agents": [\(agentIDs.map(seed(of:)).joined(separator: ", "))],
            "channelAccounts": [{
                "id": "\(channelAccountID.text)", "kind": "webchat", "name": "Web chat", "department": "\(departmentID.text)",
                "widgetKey": "\(Self.widgetKey)", "allowedOrigins": [\(origins.map { "\"\($0)\"" }.joined(separator: ", "))]
            }, {
                "id": "\(providerAccountID.text)", "kind": "facebook", "name": "Facebook", "department": "\(departmentID.text)"
            }]
        }]}
        """
    }
}
