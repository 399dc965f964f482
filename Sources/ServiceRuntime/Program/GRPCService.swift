import GRPC
import GRPCHealth
import Logging
import Postgres
import ServiceLifecycle

/// The gRPC listener's life: at shutdown it first says that it is going, then lets the running calls end.
struct GRPCService: ServiceLifecycle.Service {
    let server: Server
    let health: HealthService
    let grace: Duration
    let logger: Logger
    let name: String

    func run() async throws {
        let address = try await server.start()
        logger.info("serving", metadata: ["address": "\(address)"])
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            Task { await drain() }
        }
        logger.info("drained")
    }

    private func drain() async {
        logger.info("draining", metadata: ["grace": "\(grace.short)"])
        health.drain()
        await server.drain(within: grace)
    }
}

/// Keeps the pool's own connections until everything above it has stopped.
struct PoolService: ServiceLifecycle.Service {
    let pool: PostgresPool

    func run() async throws {
        try await cancelWhenGracefulShutdown { try await pool.run() }
    }
}
