import GRPC
import Logging

/// What every program reads, whatever its service is.
package struct RuntimeConfiguration: Sendable {
    package var environment: DeploymentEnvironment
    package var logLevel: Logger.Level
    package var grpcListen: ServerAddress
    package var adminListen: ServerAddress
    package var databaseURL: Secret?
    package var databaseConnections: Int
    package var pollInterval: Duration
    package var tokenIssuer: String
    package var tokenAudience: String
    package var tokenJWKS: String?
    package var serviceKey: Secret?
    package var serviceJWKS: String?
    package var pageTokenKey: Secret?
    package var testClock: String?
    package var drainGrace: Duration
    package var reflection: Bool
    package var addresses: [String: [ServerAddress]]
    package var transport: TransportConfiguration
    package var callsMax: Int
}

extension RuntimeConfiguration {
    static func read<Module: ServiceModule>(_ reader: inout ConfigurationReader, for module: Module.Type) -> Self {
        let ports = Module.defaultPorts
        let environment = reader.choice(
            "ENVIRONMENT", default: DeploymentEnvironment.production, "what this process is for")
        let level = reader.choice("LOG_LEVEL", default: Logger.Level.info, "the least level that is written")
        let listen = reader.address(
            "GRPC_LISTEN", default: ServerAddress(host: "127.0.0.1", port: ports.grpc), "where gRPC is answered")
        let admin = reader.address(
            "ADMIN_LISTEN", default: ServerAddress(host: "127.0.0.1", port: ports.admin),
            "where /livez, /readyz and /metrics are answered")
        var databaseURL: Secret?
        var connections = 8
        var pollInterval = Duration.seconds(1)
        if Module.storage != nil {
            databaseURL = reader.secret(
                "DATABASE_URL", required: true, "PostgreSQL connection URI of the runtime role \(Module.name)_runtime")
            connections = reader.integer(
                "DATABASE_CONNECTIONS", default: 8, in: 1...1_000, "the most connections to the database")
            pollInterval = reader.duration(
                "POLL_INTERVAL", default: pollInterval, in: .milliseconds(10)...(.seconds(86_400)),
                "how long an event or a job can go unseen when the database's hint of it is lost")
        }
        var addresses: [String: [ServerAddress]] = [:]
        for callee in Module.calls {
            let standard = ServerAddress(host: "127.0.0.1", port: ServiceDirectory.defaultPorts(of: callee).grpc)
            addresses[callee] = reader.addresses(
                "\(callee.uppercased())_ADDRESSES", default: [standard], "replicas of \(callee)")
        }
        let configuration = RuntimeConfiguration(
            environment: environment, logLevel: level, grpcListen: listen, adminListen: admin, databaseURL: databaseURL,
            databaseConnections: connections, pollInterval: pollInterval,
            tokenIssuer: reader.string("TOKEN_ISSUER", default: "switchboard-local", "`iss` of people's tokens"),
            tokenAudience: reader.string("TOKEN_AUDIENCE", default: "switchboard", "`aud` of people's tokens"),
            tokenJWKS: reader.optionalString(
                "TOKEN_JWKS", "URL or file of the issuer's public keys; without it no person is let in"),
            serviceKey: reader.secret(
                "SERVICE_KEY", "this service's private ES256 key, PEM; without it it calls nobody in its own name"),
            serviceJWKS: reader.optionalString(
                "SERVICE_JWKS", "URL or file of all services' public keys, `kid` is the service's name"),
            pageTokenKey: reader.secret(
                "PAGE_TOKEN_KEY", "key of page tokens, the same on all replicas; default: made from SERVICE_KEY"),
            testClock: reader.optionalString(
                "TEST_CLOCK", "file with the instant that stands for now; only where ENVIRONMENT is test"),
            drainGrace: reader.duration(
                "DRAIN_GRACE", default: .seconds(10), in: .milliseconds(100)...(.seconds(300)),
                "how long running calls may take to end after SIGTERM"),
            reflection: reader.bool("REFLECTION", default: true, "whether the contracts can be read by server reflection"),
            addresses: addresses, transport: TransportConfiguration.read(&reader, calls: Module.calls),
            callsMax: reader.integer(
                "CALLS_MAX", default: 1_000, in: 1...1_000_000,
                "how many calls that are no streams may run at once; further ones are refused with RESOURCE_EXHAUSTED"))
        configuration.check(&reader, Module.self)
        return configuration
    }

    private func check<Module: ServiceModule>(_ reader: inout ConfigurationReader, _ module: Module.Type) {
        if testClock != nil, environment != .test {
            reader.problem("TEST_CLOCK", "is refused unless SWITCHBOARD_ENVIRONMENT is test: leave it out")
        }
        if environment == .production { checkForProduction(&reader) }
        if let key = serviceKey, (try? ServiceCredentials(service: Module.name, key: key.value)) == nil {
            reader.problem("SERVICE_KEY", "is no private P-256 key in PEM form: `switchboard keys` makes one")
        }
    }

    /// What is convenient elsewhere and unsafe there.
    private func checkForProduction(_ reader: inout ConfigurationReader) {
        if tokenJWKS == nil { reader.problem("TOKEN_JWKS", "is required in production: a URL or file of the issuer's keys") }
        if serviceJWKS == nil {
            reader.problem("SERVICE_JWKS", "is required in production: `switchboard keys` makes one for trials")
        }
        for (name, location) in [("TOKEN_JWKS", tokenJWKS), ("SERVICE_JWKS", serviceJWKS)] {
            if location?.hasPrefix("http://") == true {
                reader.problem(name, "is read in clear text, so that anyone on the way could sign: name an https URL or a file")
            }
        }
        if !reader.isSet("TOKEN_ISSUER") {
            reader.problem("TOKEN_ISSUER", "is required in production: whose tokens are taken is never guessed")
        }
        if serviceKey == nil {
            reader.problem(
                "SERVICE_KEY", "is required in production (or SWITCHBOARD_SERVICE_KEY_FILE): `switchboard keys` makes one")
        }
        if let key = pageTokenKey, key.value.utf8.count < Self.pageTokenKeyBytesMin {
            reader.problem("PAGE_TOKEN_KEY", "is shorter than \(Self.pageTokenKeyBytesMin) bytes")
        }
    }

    /// What cannot be guessed: 128 bits as base64 or more.
    static let pageTokenKeyBytesMin = 22
}
