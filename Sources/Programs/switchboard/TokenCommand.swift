import ArgumentParser
import Foundation
import ServiceRuntime

struct TokenCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Prints a token of the local issuer's for an agent.")

    @Option(help: "The directory of `switchboard keys`.")
    var keys: String

    @Option(help: "The tenant's id.")
    var tenant: String

    @Option(help: "The agent's id.")
    var agent: String

    @Option(help: "The agent's name, for display.")
    var name = ""

    @Option(name: .customLong("role"), help: "agent, operator, admin or viewer; may be repeated.")
    var roles: [String] = ["agent"]

    @Option(help: "How long it holds, as in 15m or 8h.")
    var ttl = "8h"

    func run() async throws {
        guard let tenantID = UUID(id: tenant) else { throw ValidationError("--tenant is no id") }
        guard let agentID = UUID(id: agent) else { throw ValidationError("--agent is no id") }
        guard let lifetime = Duration(short: ttl), lifetime > .zero else { throw ValidationError("--ttl is no time such as 8h") }
        for role in roles where Role(rawValue: role) == nil { throw ValidationError("\(role) is no role") }
        print(
            try await LocalKeys(directory: keys).agentToken(
                tenantID: tenantID, agentID: agentID, name: name, roles: roles, lifetime: lifetime))
    }
}
