import ArgumentParser
import Foundation
import GoogleProtobuf
import GRPC
import RoutingV1
import ServiceRuntime
import TenancyV1

/// A tenant's life, and what every service has of it (P2, P3).
struct TenantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tenants", abstract: "Creates, suspends, resumes, counts, exports and deletes tenants.",
        subcommands: [
            CreateTenant.self, SuspendTenant.self, ResumeTenant.self, TenantFigures.self, TenantRetention.self,
            ExportTenant.self, DeleteTenant.self,
        ])
}

/// Which tenant, and where the services are.
struct TenantOptions: ParsableArguments {
    @Argument(help: "The tenant's id.")
    var tenant: String

    @Option(help: "The directory of `switchboard keys`.")
    var keys: String

    @Option(help: "Address of contacts.")
    var contacts = "127.0.0.1:9001"

    @Option(help: "Address of conversations.")
    var conversations = "127.0.0.1:9002"

    @Option(help: "Address of routing.")
    var routing = "127.0.0.1:9003"

    @Option(help: "Address of tickets.")
    var tickets = "127.0.0.1:9004"

    @Option(help: "Address of templates.")
    var templates = "127.0.0.1:9005"

    @Option(help: "Address of channels.")
    var channels = "127.0.0.1:9006"

    @OptionGroup var services: ServiceChannels

    @Option(help: "How long to wait for a service that does not answer, as in 60s.")
    var wait = "60s"

    /// Runs the body with a way to every service.
    func asking<Answer>(_ body: (TenantTool) async throws -> Answer) async throws -> Answer {
        guard let tenantID = UUID(id: tenant) else { throw ValidationError("the tenant is no id") }
        guard let patience = Swift.Duration(short: wait), patience > .zero else {
            throw ValidationError("--wait is no time such as 60s")
        }
        let key = try String(contentsOfFile: LocalKeys(directory: keys).privateKey(of: "switchboard"), encoding: .utf8)
        let addresses = [
            ("conversations", conversations), ("channels", channels), ("tickets", tickets), ("templates", templates),
            ("contacts", contacts), ("routing", routing),
        ]
        let tool = TenantTool(
            tenantID: tenantID, credentials: try ServiceCredentials(service: "switchboard", key: key),
            services: try addresses.map { ($0.0, try services.channel(to: $0.1, "--\($0.0)")) }, deadline: .now + patience)
        do {
            let answer = try await body(tool)
            await tool.close()
            return answer
        } catch {
            await tool.close()
            throw error
        }
    }
}

struct CreateTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "create", abstract: "Creates a tenant with default settings.")

    @OptionGroup var options: TenantOptions

    @Option(help: "The tenant's name.")
    var name: String

    func run() async throws {
        try await options.asking { tool in
            let request = CreateTenantRequest(displayName: name, requestID: UUID().text)
            _ = try await tool.ask("routing") { try await TenantsServiceClient($0).createTenant(request, $1) }
            print("created \(tool.tenantID.text)")
        }
    }
}

struct SuspendTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "suspend", abstract: "Leaves a tenant reading only.")

    @OptionGroup var options: TenantOptions

    func run() async throws {
        try await options.asking { tool in
            try await tool.suspend()
            print("suspended \(tool.tenantID.text)")
        }
    }
}

struct ResumeTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "resume", abstract: "Lets a suspended tenant work again.")

    @OptionGroup var options: TenantOptions

    func run() async throws {
        try await options.asking { tool in
            let request = ResumeTenantRequest(requestID: UUID().text)
            _ = try await tool.ask("routing") { try await TenantsServiceClient($0).resumeTenant(request, $1) }
            print("resumed \(tool.tenantID.text)")
        }
    }
}

struct TenantFigures: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "figures", abstract: "Prints how much every service has of a tenant.")

    @OptionGroup var options: TenantOptions

    func run() async throws {
        try await options.asking { tool in
            for service in tool.names {
                let figures = try await tool.ask(service) {
                    try await TenantDataServiceClient($0).getTenantFigures(GetTenantFiguresRequest(), $1)
                }.figures
                for (word, count) in figures.sorted(by: { $0.key < $1.key }) { print("\(service) \(word) \(count)") }
            }
        }
    }
}

struct TenantRetention: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retention", abstract: "Prints for how long every service keeps what, and changes it.",
        discussion: "What is older is deleted soon. Without --set and --unset nothing is changed.")

    @OptionGroup var options: TenantOptions

    @Option(name: .customLong("set"), help: "A category and its days, as in messages=365; may be repeated.")
    var settings: [String] = []

    @Option(name: .customLong("unset"), help: "A category that goes back to its default; may be repeated.")
    var unset: [String] = []

    func run() async throws {
        let changes = try settings.map { setting in
            let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2, let days = Int64(parts[1]), (0...100_000).contains(days) else {
                throw ValidationError("\(setting) is no category with days, such as messages=365")
            }
            return UpdateRetentionRequest(category: parts[0], keep: GoogleProtobuf.Duration(seconds: days * 86_400))
        }
        try await options.asking { tool in
            try await tool.change(changes + unset.map { UpdateRetentionRequest(category: $0) })
            for service in tool.names {
                for rule in try await tool.retention(of: service) {
                    let keep = rule.keep.map { "\($0.seconds / 86_400) days" } ?? "for good"
                    print("\(service) \(rule.category) \(keep)\(rule.chosen ? ", chosen" : "")")
                }
            }
        }
    }
}

struct ExportTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Writes everything of a tenant: a directory for each service, a file for each table.")

    @OptionGroup var options: TenantOptions

    @Option(help: "The directory, which must not be there yet.")
    var out: String

    func run() async throws {
        guard !FileManager.default.fileExists(atPath: out) else { throw ValidationError("\(out) is there already") }
        try await options.asking { tool in
            for service in tool.names {
                let tables = try await tool.export(from: service, to: "\(out)/\(service)")
                for (table, rows) in tables.sorted(by: { $0.key < $1.key }) { print("\(service) \(table) \(rows)") }
            }
        }
    }
}

struct DeleteTenant: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Suspends a tenant and deletes everything of it, for good, and prints the proof.",
        discussion: """
            Can be run again at any time: it goes on where it was, and counts every row once. The proof is how many rows each \
            service has deleted from each table, printed once two rounds over all services have found nothing left.
            """)

    @OptionGroup var options: TenantOptions

    @Option(help: "The tenant's id once more.")
    var confirm: String

    func run() async throws {
        guard confirm == options.tenant else { throw ValidationError("--confirm is another tenant") }
        try await options.asking { tool in
            let proof = try await tool.delete()
            for (service, tables) in proof.sorted(by: { $0.key < $1.key }) {
                for (table, rows) in tables.sorted(by: { $0.key < $1.key }) { print("\(service) \(table) \(rows)") }
            }
            print("deleted \(tool.tenantID.text): \(proof.values.flatMap(\.values).reduce(0, +)) rows, none left")
        }
    }
}
