import EndToEndSupport
import Foundation
import Testing

/// The commands that every program has, as an orchestrator calls them.
@Suite("Programs", .serialized)
struct ProgramsTests {
    @Test("P1: bootstrap and migrate can be run again; migrate says where it stands, and names no password when it cannot")
    func P1_migrate() async throws {
        try await Platform.with { platform in
            _ = try await platform.run(
                "switchboard", ["bootstrap", "contacts", "conversations", "templates", "channels"],
                ["SWITCHBOARD_ADMINISTRATOR_URL": platform.postgres.cluster.administratorURL("switchboard")])
            for service in ["contacts", "conversations", "templates", "channels"] {
                let said = try await platform.run(
                    "switchboard-\(service)", ["migrate"],
                    ["SWITCHBOARD_DATABASE_OWNER_URL": platform.postgres.url("\(service)_owner")])
                #expect(said.contains("\(service): the schema is up to date"))
                let error = await #expect(throws: ChildProcessError.self) {
                    try await platform.run(
                        "switchboard-\(service)", ["migrate"],
                        ["SWITCHBOARD_DATABASE_OWNER_URL": "postgresql://\(service)_owner:hunter2@127.0.0.1:1/none"])
                }
                #expect(error.map { !$0.description.contains("hunter2") } == true)
            }
            #expect(try await platform.run("switchboard-gateway", ["migrate"]).contains("gateway has no database"))
        }
    }

    @Test("in production every program refuses what is convenient and unsafe, all of it at once")
    func production() async throws {
        try await Platform.with { platform in
            for service in ["contacts", "conversations", "templates", "channels", "gateway"] {
                let error = await #expect(throws: ChildProcessError.self) {
                    try await platform.run(
                        "switchboard-\(service)", ["serve"],
                        [
                            "SWITCHBOARD_TEST_CLOCK": "\(platform.directory)/clock", "SWITCHBOARD_PAGE_TOKEN_KEY": "short",
                            "SWITCHBOARD_SERVICE_JWKS": "http://127.0.0.1:1/keys",
                        ])
                }
                for name in ["TOKEN_JWKS", "SERVICE_JWKS", "TOKEN_ISSUER", "SERVICE_KEY", "PAGE_TOKEN_KEY", "TEST_CLOCK"] {
                    #expect(error?.description.contains("SWITCHBOARD_\(name):") == true, "\(service): \(name)")
                }
            }
        }
    }

    @Test("healthcheck fails while the database is away, and passes again without a restart", .timeLimit(.minutes(1)))
    func healthcheck() async throws {
        try await Platform.with { platform in
            try await platform.running(["contacts"]) { services in
                let contacts = services["contacts"]
                let pid = try #require(contacts.process?.pid)
                #expect(try await contacts.isHealthy())
                try await platform.postgres.whileStopped {
                    while try await contacts.isHealthy() { try await Task.sleep(for: .milliseconds(50)) }
                }
                while try await !contacts.isHealthy() { try await Task.sleep(for: .milliseconds(50)) }
                #expect(contacts.process?.pid == pid)
            }
        }
    }
}
