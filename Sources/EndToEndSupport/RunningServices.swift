import GRPC
import Glibc
import NIOPosix
import ServiceRuntime

/// The services of one platform while they run.
package struct RunningServices: Sendable {
    private let replicasByService: [String: [ServiceProcess]]
    private let links: [String: Link]

    fileprivate init(_ processes: [ServiceProcess], _ links: [String: Link]) {
        replicasByService = Dictionary(grouping: processes, by: \.service)
        self.links = links
    }

    /// The network between a service, or the database, and all who call it.
    package func link(to callee: String) -> Link {
        guard let link = links[callee] else { preconditionFailure("no link to \(callee) was asked for") }
        return link
    }

    /// A service's only replica, or its first one.
    package subscript(_ service: String) -> ServiceProcess { replicas(of: service)[0] }

    package func replicas(of service: String) -> [ServiceProcess] {
        guard let replicas = replicasByService[service] else { preconditionFailure("\(service) does not run") }
        return replicas
    }

    package var all: [ServiceProcess] { replicasByService.values.flatMap(\.self) }

    /// Longer than any lease, and than any transaction may wait for its client.
    private static let absence: Duration = .seconds(35)

    /// Stops one replica of each of these services in the middle of what it does, for longer than it can keep anything to itself:
    /// RELIABILITY.md 4, experiment 7. It goes on with what it had in hand when others have long done it.
    /// - Parameter meanwhile: what the others are asked to do.
    package func stopping(_ replica: Int, of services: [String], _ meanwhile: () async throws -> Void = {}) async throws {
        let processes = services.map { replicas(of: $0)[replica].process }
        for process in processes { process?.signal(SIGSTOP) }
        defer { for process in processes { process?.signal(SIGCONT) } }
        let end = ContinuousClock.now + Self.absence
        try await meanwhile()
        // The length of the absence is what is tried.
        try await Task.sleep(until: end)
    }
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
    ///   - links: services whose first replica all others reach over a link that can be broken, and "postgres".
    package func running<Answer: Sendable>(
        _ services: [String], replicas: Int = 1, clock: TestClockFile? = nil, seed own: String? = nil,
        over links: Set<String> = [],
        _ body: (RunningServices) async throws -> Answer
    ) async throws -> Answer {
        var listens: [String: [Listen]] = [:]
        for service in Set(services + Self.keepers) {
            listens[service] = try (0..<replicas).map { _ in try Listen() }
        }
        // The gateway's own page has both sides on it.
        try writeSeed(own, origins: listens["gateway", default: []].map { "http://127.0.0.1:\($0.http)" })
        var joined: [String: Link] = [:]
        for name in links {
            guard let port = name == "postgres" ? postgres.cluster.port : listens[name]?.first?.grpc else { continue }
            joined[name] = try await Link(to: port)
        }
        var addresses = listens.filter { $0.key != "gateway" }.mapValues { listens in
            listens.map { "127.0.0.1:\($0.grpc)" }.joined(separator: ",")
        }
        for (name, link) in joined where name != "postgres" { addresses[name] = "127.0.0.1:\(link.port)" }
        func process(_ service: String, _ listen: Listen) -> ServiceProcess {
            ServiceProcess(
                service, on: self, listen: listen, addresses: addresses.filter { $0.key != service }, clock: clock,
                databasePort: joined["postgres"]?.port)
        }
        let processes = services.flatMap { service in listens[service, default: []].map { process(service, $0) } }
        let isSeeded = services.contains("conversations")
        let directory =
            isSeeded && !services.contains("routing")
            ? listens["routing", default: []].prefix(1).map { process("routing", $0) } : []
        func stopAll() async {
            for link in joined.values {
                link.heal()
            }
            for process in processes + directory { _ = try? await process.stop() }
            for link in joined.values { await link.close() }
        }
        do {
            for process in directory + processes { try await process.start() }
            if isSeeded, let routing = listens["routing"]?.first, let conversations = listens["conversations"]?.first {
                try await seed(routing: routing.grpc, conversations: conversations.grpc)
            }
            let answer = try await body(RunningServices(processes, joined))
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
