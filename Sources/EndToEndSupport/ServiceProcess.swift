import Glibc
import PostgresTesting
import ServiceRuntime
import Synchronization

/// The ports of one process, chosen beforehand, so that others know them while it is down.
package struct Listen: Sendable {
    package let grpc: Int
    package let admin: Int
    package let http: Int

    package init() throws {
        (grpc, admin, http) = (try FreePort.next(), try FreePort.next(), try FreePort.next())
    }
}

/// A replica of a service, which may be killed and started again on the same ports.
package final class ServiceProcess: Sendable {
    package let service: String
    package let listen: Listen
    private let platform: Platform
    private let addresses: [String: String]
    private let clock: TestClockFile?
    private let databasePort: Int?
    private let current = Mutex<ChildProcess?>(nil)

    /// - Parameter databasePort: where it reaches its database over TCP; nil: by the server's socket.
    package init(
        _ service: String, on platform: Platform, listen: Listen, addresses: [String: String], clock: TestClockFile? = nil,
        databasePort: Int? = nil
    ) {
        self.service = service
        self.listen = listen
        self.platform = platform
        self.addresses = addresses
        self.clock = clock
        self.databasePort = databasePort
    }

    package var process: ChildProcess? { current.withLock { $0 } }

    /// Starts the process and waits until it says that it is ready.
    /// - Returns: how long that took.
    @discardableResult
    package func start() async throws -> Duration {
        let begun = ContinuousClock.now
        let child = try ChildProcess(
            [platform.program(of: service), "serve"] + (clock.map { ["--test-clock", $0.path] } ?? []),
            environment: platform.environment(of: service, listen, addresses, databasePort: databasePort),
            logFile: "\(platform.directory)/\(service)-\(listen.grpc).log")
        current.withLock { $0 = child }
        while try await !isReady() {
            if child.status != nil || .now > begun + .seconds(60) {
                throw ChildProcessError("\(service) did not become ready: \(try readFile(child.logFile).suffix(2_000))")
            }
            try await Task.sleep(for: .milliseconds(20))
        }
        return .now - begun
    }

    /// What the program's own `healthcheck` asks.
    private func isReady() async throws -> Bool {
        do {
            return try await AdminClient(host: "127.0.0.1", port: listen.admin).get("/readyz").status == 200
        } catch {
            try Task.checkCancellation()
            return false
        }
    }

    /// As the machine's owner would ask: the program's own `healthcheck`.
    package func isHealthy() async throws -> Bool {
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
