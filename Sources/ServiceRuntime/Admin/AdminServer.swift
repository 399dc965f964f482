import GRPC
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import WallTime

/// What operators and probes ask, on a port of its own: life, readiness, metrics, the log's level; and in tests the clock.
struct AdminServer: ServiceLifecycle.Service {
    /// How long the database may take before the service counts as not ready.
    static let readyTimeout: Duration = .seconds(1)

    let address: ServerAddress
    let storage: (any ServiceStorage)?
    let environment: DeploymentEnvironment
    let clock: ProductClock
    let settlement: Settlement
    let logger: Logger
    private let port = BoundPort()

    init(
        address: ServerAddress, storage: (any ServiceStorage)?, environment: DeploymentEnvironment, clock: ProductClock,
        settlement: Settlement, logger: Logger
    ) {
        self.address = address
        self.storage = storage
        self.environment = environment
        self.clock = clock
        self.settlement = settlement
        self.logger = logger
    }

    func boundAddress() async -> Int { await port.value() }

    func run() async throws {
        defer { port.set(0) }
        let application = Application(
            router: router(),
            configuration: .init(address: .hostname(address.host, port: address.port), serverName: nil),
            onServerRunning: { channel in port.set(channel.localAddress?.port ?? 0) },
            logger: quiet)
        try await application.runService(gracefulShutdownSignals: [])
    }

    /// Probes come every few seconds; they are no news.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = .warning
        return logger
    }

    private func router() -> Hummingbird.Router<BasicRequestContext> {
        let router = Hummingbird.Router()
        router.get("/livez") { _, _ in "ok\n" }
        router.get("/readyz") { _, _ in await readiness() }
        router.get("/metrics") { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: .init(byteBuffer: ByteBuffer(string: PrometheusRegistry.shared.exposition())))
        }
        router.get("/log/level") { _, _ in "\(LogLevel.current.rawValue)\n" }
        router.put("/log/level") { request, _ in try await setLogLevel(request) }
        if environment == .test { addTestRoutes(to: router) }
        return router
    }

    private func readiness() async -> Response {
        guard let storage else { return answer(.ok, "ready\n") }
        let isThere = await withTaskGroup(of: Bool.self) { group in
            group.addTask { (try? await storage.check()) != nil }
            group.addTask {
                try? await Task.sleep(for: Self.readyTimeout)
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
        return isThere ? answer(.ok, "ready\n") : answer(.serviceUnavailable, "the database cannot be reached\n")
    }

    private func setLogLevel(_ request: Request) async throws -> Response {
        let text = try await body(of: request)
        guard let level = Logger.Level(rawValue: text) else {
            let all = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            return answer(.badRequest, "the level is one of \(all)\n")
        }
        LogLevel.current = level
        return answer(.ok, "\(level.rawValue)\n")
    }

    // MARK: - Only where the environment is test

    private func addTestRoutes(to router: Hummingbird.Router<BasicRequestContext>) {
        router.get("/test/clock") { _, _ in "\(clock.now.rfc3339)\n" }
        router.post("/test/clock") { request, _ in try await moveClock(request) }
        router.post("/test/settle") { _, _ in
            do {
                try await settlement.settle()
                return answer(.ok, "settled\n")
            } catch let failure as Failure {
                return answer(.serviceUnavailable, "\(failure.message)\n")
            }
        }
    }

    /// The body is an instant (RFC 3339), or a time to add such as `+30s`.
    private func moveClock(_ request: Request) async throws -> Response {
        let text = try await body(of: request)
        guard clock.isTestClock else { return answer(.conflict, "this process has no test clock\n") }
        if text.hasPrefix("+"), let step = Duration(short: String(text.dropFirst())) {
            try clock.set(clock.now.advanced(by: step))
        } else if let instant = Instant(rfc3339: text) {
            try clock.set(instant)
        } else {
            return answer(.badRequest, "an RFC 3339 instant, or a time to add such as +30s\n")
        }
        return answer(.ok, "\(clock.now.rfc3339)\n")
    }

    private func body(of request: Request) async throws -> String {
        let bytes = try await request.body.collect(upTo: 256)
        return String(buffer: bytes).filter { !$0.isNewline }
    }

    private func answer(_ status: HTTPResponse.Status, _ text: String) -> Response {
        Response(
            status: status, headers: [.contentType: "text/plain; charset=utf-8"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}
