import ArgumentParser
import Foundation
import GRPC
import RoutingV1
import ServiceRuntime

/// Tenants, departments and agents of a file, for local use.
struct SeedCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "seed",
        abstract: "Brings a file's tenants, departments and agents into routing, and waits until conversations knows them.",
        discussion: """
            Can be run again at any time: what is there stays as it is. The channel accounts in the same file are made by \
            conversations, whose SWITCHBOARD_DIRECTORY_FILE names it.
            """)

    @Argument(help: "The file.")
    var file: String

    @Option(help: "The directory of `switchboard keys`.")
    var keys: String

    @Option(help: "Address of routing.")
    var routing = "127.0.0.1:9003"

    @Option(help: "Address of conversations.")
    var conversations = "127.0.0.1:9002"

    @OptionGroup var services: ServiceChannels

    @Option(help: "How long to wait for them, as in 60s.")
    var wait = "60s"

    func run() async throws {
        guard let patience = Duration(short: wait), patience > .zero else {
            throw ValidationError("--wait is no time such as 60s")
        }
        let seeds = try JSONDecoder().decode(Seeds.self, from: Data(contentsOf: URL(filePath: file)))
        let key = try String(contentsOfFile: LocalKeys(directory: keys).privateKey(of: "switchboard"), encoding: .utf8)
        let seeding = Seeding(
            credentials: try ServiceCredentials(service: "switchboard", key: key),
            routing: try services.channel(to: routing, "--routing"),
            conversations: try services.channel(to: conversations, "--conversations"), deadline: .now + patience)
        do {
            for tenant in seeds.tenants {
                try await seeding.put(tenant)
                try await seeding.waitUntilKnown(tenant)
                print("\(tenant.name): \(tenant.departments?.count ?? 0) departments, \(tenant.agents?.count ?? 0) agents")
            }
        } catch {
            await seeding.close()
            throw error
        }
        await seeding.close()
    }
}

/// The file's form, as far as routing is concerned.
struct Seeds: Decodable {
    var tenants: [Tenant]

    struct Tenant: Decodable {
        var id: UUID
        var name: String
        /// departments or all.
        var queueVisibility: String?
        var departments: [Department]?
        var agents: [Agent]?
    }

    struct Department: Decodable {
        var id: UUID
        var name: String
        var `default`: Bool?
        /// manual, owner, leastBusy or random.
        var method: String?
        /// explicit or on_reply.
        var acceptMode: String?
        var pendingLimit: Int32?
        /// pending or requeue_front.
        var onDisconnect: String?
    }

    struct Agent: Decodable {
        var id: UUID
        var name: String
        var role: String
        var departments: [UUID]?
        var loadMax: Int32?
        var emailLoadMax: Int32?
    }
}

extension Seeds.Department {
    var wire: RoutingV1.Department {
        RoutingV1.Department(
            displayName: name,
            method: [
                "manual": .manual, "owner": .owner, "leastBusy": .leastBusy, "random": .random,
            ][method ?? ""] ?? .unspecified,
            acceptMode: acceptMode == "on_reply" ? .onReply : .explicit,
            disconnectRule: onDisconnect == "requeue_front" ? .requeueFront : .pending, pendingLimit: pendingLimit ?? 0)
    }
}

extension Seeds.Agent {
    var wire: RoutingV1.Agent {
        RoutingV1.Agent(
            displayName: name, roles: [role], departmentIDs: (departments ?? []).map(\.text), chatLimit: loadMax ?? 0,
            emailLimit: emailLoadMax ?? 0)
    }
}
