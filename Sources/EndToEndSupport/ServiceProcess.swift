import Glibc
import PostgresTesting
import Synchronization

/// The ports of one process, chosen beforehand, so that others know them while it is down.
package struct Listen: Sendable {
    package let grpc: Int
    package let admin: Int
    package let http: Int

    package init() throws {
        (grpc, admin, http) = (try TestCluster.freePort(), try TestCluster.freePort(), try TestCluster.freePort())
    }
}

/// A replica of a service, which may be killed and started again on the same ports.
package final class ServiceProcess: Sendable {
    package let service: String
    package let listen: Listen
    private let platform: Platform
    private let addresses: [String: String]
    private let current = Mutex<ChildProcess?>(nil)

    package init(_ service: String, on platform: Platform, listen: Listen, addresses: [String: String]) {
        self.service = service
        self.listen = listen
        self.platform = platform
        self.addresses = addresses
    }

    /// Another replica of the same service, on ports of its own; not started.
    package func replica() throws -> ServiceProcess {
        ServiceProcess(service, on: platform, listen: try Listen(), addresses: addresses)
    }

    package var process: ChildProcess? { current.withLock { $0 } }

    /// Starts the process and waits until it says that it is ready.
    package func start() async throws {
        let child = try ChildProcess(
            [platform.program(of: service), "serve"],
            environment: platform.environment(of: service, listen, addresses),
            logFile: "\(platform.directory)/\(service)-\(listen.grpc).log")
        current.withLock { $0 = child }
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !isReady() {
            if child.status != nil || .now > deadline {
                throw ChildProcessError("\(service) did not become ready: \(try readFile(child.logFile).suffix(2_000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    /// As the machine's owner would ask: the program's own `healthcheck`.
    private func isReady() async throws -> Bool {
        let environment = ["SWITCHBOARD_ADMIN_LISTEN": "127.0.0.1:\(listen.admin)"]
        let log = "\(platform.directory)/\(service)-\(listen.grpc)-healthcheck.log"
        let check = try ChildProcess([platform.program(of: service), "healthcheck"], environment: environment, logFile: log)
        return try await check.ended() == 0
    }

    /// Kills it with SIGKILL: it has no last word.
    package func kill() async throws {
        process?.signal(SIGKILL)
        try await process?.ended()
    }

    /// Asks it to drain (SIGTERM) and waits for its end.
    /// - Returns: its exit status, 0 after an orderly end.
    @discardableResult
    package func stop() async throws -> Int32 {
        process?.signal(SIGTERM)
        return try await process?.ended() ?? 0
    }
}

extension Platform {
    /// Runs the body with these services, one process each, and stops them.
    package func running<Answer: Sendable>(
        _ services: [String], _ body: ([String: ServiceProcess]) async throws -> Answer
    ) async throws -> Answer {
        let listens = Dictionary(uniqueKeysWithValues: try services.map { ($0, try Listen()) })
        let nowhere = try Listen()
        // The gateway's own page has both sides on it.
        try writeSeed(origins: listens["gateway"].map { ["http://127.0.0.1:\($0.http)"] } ?? [])
        let addresses = Dictionary(
            uniqueKeysWithValues: ["contacts", "conversations"].map { ($0, "127.0.0.1:\((listens[$0] ?? nowhere).grpc)") })
        let processes = listens.map { service, listen in
            ServiceProcess(service, on: self, listen: listen, addresses: addresses.filter { $0.key != service })
        }
        func stopAll() async {
            for process in processes { _ = try? await process.stop() }
        }
        do {
            for process in processes { try await process.start() }
            let answer = try await body(Dictionary(uniqueKeysWithValues: processes.map { ($0.service, $0) }))
            await stopAll()
            return answer
        } catch {
            await stopAll()
            throw error
        }
    }
}
