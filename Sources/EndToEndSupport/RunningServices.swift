import GRPC
import NIOPosix
import ServiceRuntime

/// The services of one platform while they run.
package struct RunningServices: Sendable {
    private let replicasByService: [String: [ServiceProcess]]

    fileprivate init(_ processes: [ServiceProcess]) {
        replicasByService = Dictionary(grouping: processes, by: \.service)
    }

    /// A service's only replica, or its first one.
    package subscript(_ service: String) -> ServiceProcess { replicas(of: service)[0] }

    package func replicas(of service: String) -> [ServiceProcess] {
        guard let replicas = replicasByService[service] else { preconditionFailure("\(service) does not run") }
        return replicas
    }

    package var all: [ServiceProcess] { replicasByService.values.flatMap(\.self) }
}

extension Platform {
    /// Every service that keeps something: all but the gateway.
    package static let keepers = ["contacts", "conversations", "routing", "tickets", "templates", "channels"]

    /// Runs the body with these services, so many processes of each, and stops them. Every caller knows all replicas. Where
    /// conversations is among them, routing runs, too, and has the tenant; unless it is named, it is one process that the body
    /// is not told of.
    /// - Parameters:
    ///   - clock: the product clock of all of them; nil: the machine's.
    ///   - seed: who is there, instead of the usual tenant.
    package func running<Answer: Sendable>(
        _ services: [String], replicas: Int = 1, clock: TestClockFile? = nil, seed own: String? = nil,
        _ body: (RunningServices) async throws -> Answer
    ) async throws -> Answer {
        var listens: [String: [Listen]] = [:]
        for service in Set(services + Self.keepers) {
            listens[service] = try (0..<replicas).map { _ in try Listen() }
        }
        // The gateway's own page has both sides on it.
        try writeSeed(own, origins: listens["gateway", default: []].map { "http://127.0.0.1:\($0.http)" })
        let addresses = listens.filter { $0.key != "gateway" }.mapValues { listens in
            listens.map { "127.0.0.1:\($0.grpc)" }.joined(separator: ",")
        }
        func process(_ service: String, _ listen: Listen) -> ServiceProcess {
            ServiceProcess(
                service, on: self, listen: listen, addresses: addresses.filter { $0.key != service }, clock: clock)
        }
        let processes = services.flatMap { service in listens[service, default: []].map { process(service, $0) } }
        let isSeeded = services.contains("conversations")
        let directory =
            isSeeded && !services.contains("routing")
            ? listens["routing", default: []].prefix(1).map { process("routing", $0) } : []
        func stopAll() async {
            for process in processes + directory { _ = try? await process.stop() }
        }
        do {
            for process in directory + processes { try await process.start() }
            if isSeeded, let routing = listens["routing"]?.first, let conversations = listens["conversations"]?.first {
                try await seed(routing: routing.grpc, conversations: conversations.grpc)
            }
            let answer = try await body(RunningServices(processes))
            await stopAll()
            return answer
        } catch {
            await stopAll()
            throw error
        }
    }
}

/// Runs the body with a client's channel to these replicas, which looks for them again sooner than a production client.
package func withChannel<Answer>(
    to ports: [Int], _ configure: (inout ChannelConfiguration) -> Void = { _ in }, _ body: (GRPC.Channel) async throws -> Answer
) async throws -> Answer {
    var configuration = ChannelConfiguration()
    configuration.backoff.initial = .milliseconds(50)
    configuration.backoff.max = .milliseconds(500)
    configure(&configuration)
    let channel = GRPC.Channel(
        addresses: ports.map { ServerAddress(host: "127.0.0.1", port: $0) }, configuration: configuration,
        eventLoopGroup: MultiThreadedEventLoopGroup.singleton)
    do {
        let answer = try await body(channel)
        await channel.close()
        return answer
    } catch {
        await channel.close()
        throw error
    }
}
