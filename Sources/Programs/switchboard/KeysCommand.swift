import ArgumentParser
import ServiceRuntime

struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Makes keys for local use: an issuer of people's tokens and a key for each service.",
        discussion: "Keys that are there are kept. Private files get mode 0600.")

    @Argument(help: "The directory.")
    var directory: String

    @Option(name: .customLong("service"), help: "A service to make a key for; may be repeated. All when none is named.")
    var services: [String] = []

    func run() throws {
        let keys = LocalKeys(directory: directory)
        let made = try keys.create(services: services.isEmpty ? Switchboard.services : services)
        print(made.isEmpty ? "every key was there" : "made: \(made.joined(separator: ", "))")
        print("SWITCHBOARD_TOKEN_JWKS=\(keys.tokenJWKS)")
        print("SWITCHBOARD_SERVICE_JWKS=\(keys.serviceJWKS)")
    }
}
