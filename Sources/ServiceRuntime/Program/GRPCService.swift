import GRPC
import GRPCHealth
import Logging
import ServiceLifecycle

/// The gRPC listener's life: at shutdown it first says that it is going, then lets the running calls end.
struct GRPCService: ServiceLifecycle.Service {
    let server: Server
    let health: HealthService
    let grace: Duration
    let logger: Logger
    let port: BoundPort

    func run() async throws {
        defer { port.set(0) }
        let address = try await server.start()
        port.set(address.port ?? 0)
        logger.info("serving", metadata: ["address": "\(address)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask {
                try? await gracefulShutdown()
                // Cancelled without a shutdown: the server has ended by itself, or is cut off.
                if !Task.isCancelled { await drain() }
            }
            try await group.next()
            group.cancelAll()
        }
        logger.info("drained")
    }

    private func drain() async {
        logger.info("draining", metadata: ["grace": "\(grace.short)"])
        health.stopServing()
        await server.drain(within: grace)
    }
}
