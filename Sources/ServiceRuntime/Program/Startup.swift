import Foundation
import GRPC
import GRPCHealth
import GRPCReflection
import Logging
import Metrics
import NIOPosix
import ServiceLifecycle

/// A module between its environment and its running service.
struct Startup<Module: ServiceModule> {
    let configuration: RuntimeConfiguration
    let moduleConfiguration: Module.Configuration
    let unknownVariables: [String]

    /// Reads everything; throws all problems at once.
    init(environment: [String: String]) throws {
        var reader = ConfigurationReader(environment: environment)
        configuration = RuntimeConfiguration.read(&reader, for: Module.self)
        moduleConfiguration = Module.configuration(&reader)
        try StartupError.check(reader)
        unknownVariables = reader.unknownVariables.filter { $0 != "SWITCHBOARD_DATABASE_OWNER_URL" }
    }

    /// The variables with their defaults, for `--help`.
    static var variablesText: String {
        var reader = ConfigurationReader(environment: [:])
        _ = RuntimeConfiguration.read(&reader, for: Module.self)
        _ = Module.configuration(&reader)
        let lines = reader.variables.map { "  \($0.name) [\($0.fallback)]\n      \($0.meaning)" }
        return (["Environment:"] + lines).joined(separator: "\n")
    }

    static func bootstrapLogging() {
        LoggingSystem.bootstrap { JSONLogHandler(service: Module.name, label: $0) }
    }

    func serve() async throws {
        Self.bootstrapLogging()
        MetricsSystem.bootstrap(PrometheusRegistry.shared)
        LogLevel.current = configuration.logLevel
        let logger = Logger(label: Module.name)
        for name in unknownVariables {
            logger.warning("an unknown variable is set", metadata: ["variable": "\(name)"])
        }
        if configuration.transport.server == nil, !configuration.grpcListen.isLoopback {
            logger.warning(
                "gRPC is answered in plain text beyond this machine", metadata: ["address": "\(configuration.grpcListen.host)"])
        }
        let running = try await RunningService<Module>(configuration, moduleConfiguration, logger: logger)
        try await running.run(signals: true)
    }
}

extension ServerAddress {
    /// Whether only this machine reaches it.
    fileprivate var isLoopback: Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }
}
