import GRPC
import GRPCHealth
import GRPCReflection
import Logging
import NIOCore
import NIOPosix
import WallTime
import ServiceLifecycle

/// A service with its listeners and loops. Tests make one in their own process; programs make one each.
package final class RunningService<Module: ServiceModule>: Sendable {
    package let runtime: Runtime
    package let module: Module
    let configuration: RuntimeConfiguration
    let server: Server
    let health: HealthService
    let admin: AdminServer
    let logger: Logger
    private let grpcPort = BoundPort()

    package init(
        _ configuration: RuntimeConfiguration, _ moduleConfiguration: Module.Configuration, logger: Logger
    ) async throws {
        self.configuration = configuration
        self.logger = logger
        runtime = try Self.runtime(configuration, logger)
        module = try await Module(runtime, moduleConfiguration)
        let storageSettlers = runtime.storage?.settlers(clock: runtime.clock, logger: logger) ?? []
        for settler in module.settlers + storageSettlers { runtime.settlement.add(settler) }

        let served = module.services + (runtime.storage?.services ?? [])
        let own = served.map { type(of: $0).descriptor }
        health = HealthService(services: own.map(\.name))
        var services: [any GRPC.Service] = served + [health]
        if configuration.reflection { services += try Reflection(of: own + module.passedOn).services }
        let access = try AccessTable(services.map { type(of: $0).descriptor })
        var router = Router()
        for service in services { service.register(in: &router) }
        module.register(in: &router)
        var listening = ServerConfiguration(host: configuration.grpcListen.host, port: configuration.grpcListen.port)
        // Where calls of others pass through, anybody may connect.
        listening.http2 = Module.passesThrough ? .edge : .trusted
        listening.keepAlive = KeepAlive(interval: .seconds(60))
        listening.security = configuration.transport.server
        listening.completingErrors = { ErrorInterceptor.withInfo($0, of: Module.name) }
        server = Server(
            configuration: listening,
            router: router,
            interceptors: [
                ServerTraceInterceptor(),
                MetricsInterceptor(services.map { type(of: $0).descriptor }),
                CallInterceptor(logger: logger),
                ErrorInterceptor(service: Module.name, storage: Module.storage, logger: logger),
                ConcurrencyLimitInterceptor(callsMax: configuration.callsMax, isLimited: Self.isLimited),
                AuthenticationInterceptor(verifier: runtime.tokenVerifier),
                CustomRolesInterceptor(roles: module.customRoles),
                AuthorisationInterceptor(table: access, passesThrough: Module.passesThrough),
            ],
            eventLoopGroup: runtime.eventLoopGroup)
        admin = AdminServer(
            address: configuration.adminListen, storage: runtime.storage, environment: configuration.environment,
            clock: runtime.clock, settlement: runtime.settlement, logger: logger)
    }

    /// Streams mostly wait for news, and whoever asks for the health of a busy service must not take it for dead.
    private static func isLimited(_ method: MethodDescriptor) -> Bool {
        method.kind == .unary && method.service != HealthService.descriptor.name
    }

    /// The bound addresses, once both listeners are up. Port 0 says that a listener has failed.
    package func addresses() async -> (grpc: ServerAddress, admin: ServerAddress) {
        (
            ServerAddress(host: configuration.grpcListen.host, port: await grpcPort.value()),
            ServerAddress(host: configuration.adminListen.host, port: await admin.boundAddress())
        )
    }

    /// Serves until graceful shutdown (of the group that `signals` belong to, or of the task's), then drains.
    package func run(signals: Bool, until stop: GracefulShutdownSource? = nil) async throws {
        // In this order they start; they stop in the reverse one, so that calls end before loops, and loops before the pool.
        var services: [any ServiceLifecycle.Service] = []
        services += runtime.storage?.loops(clock: runtime.clock, logger: logger) ?? []
        services.append(admin)
        services.append(LoopWatch(group: runtime.eventLoopGroup))
        if let credentials = configuration.transport.credentials {
            services.append(CredentialsWatch(credentials: credentials, interval: configuration.transport.reloadInterval))
        }
        services += module.background
        services.append(
            GRPCService(server: server, health: health, grace: configuration.drainGrace, logger: logger, port: grpcPort))
        var group = ServiceGroupConfiguration(
            // Unless it is given, a service's name is all that is in it, printed: the gateway's routes took seconds.
            services: services.map { .init(service: $0, serviceName: "\(type(of: $0))") },
            gracefulShutdownSignals: signals ? [.sigterm, .sigint] : [], logger: logger)
        group.maximumGracefulShutdownDuration = configuration.drainGrace + .seconds(5)
        let secondSignal = signals ? SecondSignal(logger: logger) : nil
        let running = ServiceGroup(configuration: group)
        try await withThrowingTaskGroup(of: Void.self) { watchers in
            // Nobody watches any more once the services have ended, well or not.
            defer { watchers.cancelAll() }
            watchers.addTask { await secondSignal?.wait() }
            watchers.addTask {
                guard let stop else { return }
                await stop.wait()
                await running.triggerGracefulShutdown()
            }
            try await running.run()
        }
        for channel in runtime.channels.values { await channel.close() }
        await runtime.storage?.close()
        await runtime.offload.close()
    }

    private static func runtime(_ configuration: RuntimeConfiguration, _ logger: Logger) throws -> Runtime {
        let clock = try configuration.testClock.map { ProductClock(file: try TestClockFile(path: $0)) } ?? ProductClock()
        let offload = OffloadPool()
        // Tokens are judged by product time, so that tests can let them run out.
        let now: @Sendable () -> Instant = { clock.now }
        let credentials = try ServiceCredentials(service: Module.name, key: configuration.serviceKey?.value, now: now)
        var persons: [String: TokenVerifier.Issuer] = [:]
        if let location = configuration.tokenJWKS {
            persons[configuration.tokenIssuer] = TokenVerifier.Issuer(
                keys: KeySource(location: location, logger: logger), audience: configuration.tokenAudience,
                kinds: [.agent, .bot, .integrator])
        }
        let verifier = TokenVerifier(
            service: Module.name, audience: configuration.tokenAudience, persons: persons,
            services: configuration.serviceJWKS.map { KeySource(location: $0, logger: logger) }, offload: offload, now: now)
        let group = MultiThreadedEventLoopGroup.singleton
        return Runtime(
            name: Module.name, environment: configuration.environment, logger: logger, clock: clock, eventLoopGroup: group,
            offload: offload, pageTokens: PageTokens(secret: pageTokenSecret(configuration)),
            serviceCredentials: credentials, tokenVerifier: verifier, settlement: Settlement(clock: clock),
            storage: configuration.databaseURL.flatMap {
                Module.storage?.open(
                    $0, service: Module.name, connectionsMax: configuration.databaseConnections,
                    pollInterval: configuration.pollInterval, logger: logger)
            },
            channels: configuration.addresses.reduce(into: [:]) { channels, entry in
                var calling = ChannelConfiguration()
                // A replica that is gone without a word is left within 20 s, also by who only listens to it.
                calling.keepAlive = KeepAlive(interval: .seconds(10))
                calling.security = configuration.transport.channels[entry.key]
                channels[entry.key] = GRPC.Channel(
                    addresses: entry.value, configuration: calling,
                    interceptors: [
                        ClientTraceInterceptor(), CredentialsInterceptor(callee: entry.key, credentials: credentials),
                    ], eventLoopGroup: group)
            })
    }

    /// Page tokens outlive a restart: their key is one that all replicas have.
    private static func pageTokenSecret(_ configuration: RuntimeConfiguration) -> [UInt8] {
        if let key = configuration.pageTokenKey ?? configuration.serviceKey { return Array(key.value.utf8) }
        return Array("development \(Module.name)".utf8)
    }
}
