import ArgumentParser

@main
struct Switchboard: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "switchboard", abstract: "The platform team's tool.",
        subcommands: [BootstrapCommand.self, KeysCommand.self, SeedCommand.self, TenantsCommand.self, TokenCommand.self])

    /// Services that own a schema, in the order in which they were built.
    static let schemas = ["contacts", "conversations", "routing", "tickets", "templates", "channels"]
    /// Who calls in his own name: the services, and this program.
    static let services = ["gateway", "switchboard"] + schemas
}
