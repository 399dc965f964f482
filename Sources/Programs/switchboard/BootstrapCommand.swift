import ArgumentParser
import Foundation
import Logging
import Postgres

/// P1: roles, schemas and grants.
struct BootstrapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bootstrap",
        abstract: "Prepares a database: for each service its schema, its owner role, its runtime role and their grants.",
        discussion: """
            Can be run again at any time. The administrator's connection URI comes from SWITCHBOARD_ADMINISTRATOR_URL or \
            the file that SWITCHBOARD_ADMINISTRATOR_URL_FILE names. Passwords of the roles come from \
            SWITCHBOARD_<SERVICE>_OWNER_PASSWORD and SWITCHBOARD_<SERVICE>_RUNTIME_PASSWORD (or ..._FILE); without them the \
            roles get none, for clusters that trust their socket.
            """)

    @Argument(help: "The services to prepare; all when none is named.")
    var services: [String] = []

    func run() async throws {
        let settings = Settings()
        guard let url = settings.secret("ADMINISTRATOR_URL") else {
            throw ValidationError("SWITCHBOARD_ADMINISTRATOR_URL is not set: the connection URI of a superuser")
        }
        let names = services.isEmpty ? Switchboard.schemas : services
        for name in names where !Self.isSchemaName(name) {
            throw ValidationError("\(name) is no name of a service")
        }
        LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
        var logger = Logger(label: "bootstrap")
        logger.logLevel = .warning
        for name in names {
            let variable = name.uppercased()
            let bootstrap = Bootstrap(
                schema: name, ownerPassword: settings.secret("\(variable)_OWNER_PASSWORD"),
                runtimePassword: settings.secret("\(variable)_RUNTIME_PASSWORD"))
            try await bootstrap.apply(administratorURL: url, logger: logger)
            print("\(name): schema \(name), owner \(name)_owner, runtime \(name)_runtime are in place")
        }
    }

    private static func isSchemaName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "_") }
    }
}

/// Secrets of the environment, each also from a file.
private struct Settings {
    private let environment = ProcessInfo.processInfo.environment

    func secret(_ name: String) -> String? {
        if let value = environment["SWITCHBOARD_\(name)"], !value.isEmpty { return value }
        guard let path = environment["SWITCHBOARD_\(name)_FILE"] else { return nil }
        return try? String(contentsOfFile: path, encoding: .utf8).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
