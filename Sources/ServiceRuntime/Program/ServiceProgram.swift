import ArgumentParser
import Foundation
import GRPC
import Logging

/// A service's whole program: `await ServiceProgram<ContactsModule>.main()`.
package enum ServiceProgram<Module: ServiceModule> {
    package static func main() async {
        let arguments = Array(CommandLine.arguments.dropFirst())
        do {
            var command = try ServiceCommand<Module>.parseAsRoot(arguments)
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            ServiceCommand<Module>.exit(withError: error)
        }
    }
}

struct ServiceCommand<Module: ServiceModule>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "switchboard-\(Module.name)",
            abstract: "The service \(Module.name) of Switchboard.",
            discussion: Startup<Module>.variablesText,
            subcommands: [
                ServeCommand<Module>.self, MigrateCommand<Module>.self, RestoredCommand<Module>.self,
                HealthcheckCommand<Module>.self,
            ])
    }
}

struct ServeCommand<Module: ServiceModule>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "serve", abstract: "Serves until SIGTERM or SIGINT; a second signal cuts off at once.",
            discussion: Startup<Module>.variablesText)
    }

    @Option(help: "File with the instant that stands for now (as SWITCHBOARD_TEST_CLOCK).")
    var testClock: String?

    func run() async throws {
        var environment = ProcessInfo.processInfo.environment
        if let testClock { environment["SWITCHBOARD_TEST_CLOCK"] = testClock }
        let startup = try Startup<Module>(environment: environment)
        FileDescriptors.raiseLimit()
        try await startup.serve()
    }
}

struct MigrateCommand<Module: ServiceModule>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "migrate", abstract: "Brings the service's schema up to date, as its owner role.",
            discussion: OwnedDatabase<Module>.discussion)
    }

    func run() async throws {
        guard let database = try OwnedDatabase<Module>() else { return }
        let steps = try await database.storage.migrate(database.url, logger: Logger(label: "migrate"))
        print("\(Module.name): the schema is up to date (\(steps) steps)")
    }
}

struct RestoredCommand<Module: ServiceModule>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "restored",
            abstract: "To be run after the schema was restored from a backup, before the service serves again: whoever has read "
                + "further than the backup starts over.",
            discussion: OwnedDatabase<Module>.discussion)
    }

    func run() async throws {
        guard let database = try OwnedDatabase<Module>() else { return }
        try await database.storage.restored(database.url, logger: Logger(label: "restored"))
        print("\(Module.name): cursors given out before are refused from now on; those who follow its events start over")
    }
}

/// The database as its owner role.
private struct OwnedDatabase<Module: ServiceModule> {
    let storage: any ServiceStorageKind
    let url: Secret

    static var discussion: String {
        Module.storage == nil
            ? "\(Module.name) has no database: there is nothing to do."
            : "SWITCHBOARD_DATABASE_OWNER_URL  PostgreSQL connection URI of the role \(Module.name)_owner (required)"
    }

    /// Nil for a service without a database, which is said.
    init?() throws {
        guard let storage = Module.storage else {
            print("\(Module.name) has no database")
            return nil
        }
        var reader = ConfigurationReader(environment: ProcessInfo.processInfo.environment)
        let url = reader.secret(
            "DATABASE_OWNER_URL", required: true, "PostgreSQL connection URI of the role \(Module.name)_owner")
        try StartupError.check(reader)
        guard let url else { return nil }
        Startup<Module>.bootstrapLogging()
        (self.storage, self.url) = (storage, url)
    }
}

struct HealthcheckCommand<Module: ServiceModule>: AsyncParsableCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: "healthcheck", abstract: "Exits with 0 when the service on this machine is ready (GET /readyz).")
    }

    func run() async throws {
        var reader = ConfigurationReader(environment: ProcessInfo.processInfo.environment)
        let admin = reader.address(
            "ADMIN_LISTEN", default: .init(host: "127.0.0.1", port: Module.defaultPorts.admin), "the admin listener")
        try StartupError.check(reader)
        let host = admin.host == "0.0.0.0" || admin.host == "::" ? "127.0.0.1" : admin.host
        let (status, body) = try await AdminClient(host: host, port: admin.port).get("/readyz")
        print(body)
        if status != 200 { throw ExitCode(1) }
    }
}

/// Everything wrong with the configuration, told at once.
struct StartupError: Error, CustomStringConvertible {
    let problems: [String]

    var description: String {
        (["the configuration is not usable:"] + problems.map { "  - \($0)" }).joined(separator: "\n")
    }

    static func check(_ reader: ConfigurationReader) throws {
        if !reader.problems.isEmpty { throw StartupError(problems: reader.problems) }
    }
}
