import GRPC
import Logging
import ServiceLifecycle

extension RunningService {
    /// Runs a service in this process as long as `body` takes, with the variables given, and then drains it. For tests;
    /// say port 0 in GRPC_LISTEN and ADMIN_LISTEN.
    package static func during<Answer: Sendable>(
        environment: [String: String], logger: Logger,
        _ body: @escaping @Sendable (RunningService<Module>, _ grpc: ServerAddress, _ admin: AdminClient) async throws -> Answer
    ) async throws -> Answer {
        let startup = try Startup<Module>(environment: environment)
        let service = try await RunningService(startup.configuration, startup.moduleConfiguration, logger: logger)
        let stop = GracefulShutdownSource()
        return try await withThrowingTaskGroup(of: Answer?.self) { group in
            group.addTask {
                try await service.run(signals: false, until: stop)
                return nil
            }
            group.addTask {
                let (grpc, admin) = await service.addresses()
                defer { stop.stop() }
                return try await body(service, grpc, AdminClient(host: admin.host, port: admin.port))
            }
            var answer: Answer?
            while let next = try await group.next() { answer = next ?? answer }
            guard let answer else { throw CancellationError() }
            return answer
        }
    }
}

/// Ends a service group from inside the process.
package final class GracefulShutdownSource: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (stream, continuation) = AsyncStream.makeStream()
    }

    package func stop() { continuation.finish() }

    func wait() async {
        for await _ in stream {}
    }
}
