import Glibc
import Logging
import Postgres
import PostgresTesting

/// A PostgreSQL that one test may kill and bring back.
package struct PrivatePostgres: Sendable {
    package let cluster: TestCluster
    package let logFile: String

    package static let database = "switchboard"

    init(logFile: String) async throws {
        cluster = try TestCluster.start()
        self.logFile = logFile
        // An acknowledgement must mean what it means in production.
        try await Administration.expectDurable(administratorURL: cluster.administratorURL())
        try await query("create database switchboard", in: "postgres")
    }

    /// - Parameter port: of a link to the server; nil: the server's socket.
    package func url(_ role: String, port: Int? = nil) -> String {
        port.map { "postgresql://\(role)@127.0.0.1:\($0)/\(Self.database)" } ?? cluster.url(role: role, database: Self.database)
    }

    /// One statement as the superuser.
    @discardableResult
    package func query(_ sql: SQL, in database: String = database) async throws -> Rows {
        let pool = PostgresPool(PostgresConfiguration(url: cluster.administratorURL(database)), logger: .quiet)
        defer { pool.close() }
        return try await pool.query(sql)
    }

    /// Kills one backend of a service with SIGKILL: the server takes that for a crash, ends all sessions and recovers.
    package func killOneBackend(of role: String) async throws {
        let rows = try await query("select pid from pg_stat_activity where usename = \(role) limit 1")
        guard let row = rows.first else { throw ChildProcessError("\(role) has no session to kill") }
        kill(try row.decode(Int32.self), SIGKILL)
    }

    /// Kills the server's first process with SIGKILL and starts it again once its children are gone.
    package func killPostmasterAndRestart() async throws {
        guard let pid = try readFile(data + "/postmaster.pid").split(separator: "\n").first.flatMap({ pid_t($0) }) else {
            throw ChildProcessError("the server has no pid file")
        }
        kill(pid, SIGKILL)
        // Refused while a child of the old server still holds its memory.
        for attempt in 1... {
            do {
                return try await control("start")
            } catch  where attempt < 100 {
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }

    /// Runs the body while the server is stopped in good order.
    package func whileStopped(_ body: () async throws -> Void) async throws {
        try await control("stop", "-m", "fast")
        try await body()
        try await control("start")
    }

    /// Ends the server as a crash would, without a checkpoint, and starts it again.
    package func stopImmediatelyAndRestart() async throws {
        try await control("stop", "-m", "immediate")
        try await control("start")
    }

    /// Ends the server in order, open sessions included, and starts it again.
    package func restart() async throws {
        try await control("restart", "-m", "fast")
    }

    private var data: String { cluster.socketDirectory + "/data" }

    private func control(_ arguments: String...) async throws {
        let asUser = cluster.user.map { ["/usr/bin/setpriv", "--reuid=\($0)", "--regid=\($0)", "--init-groups"] } ?? []
        let command = [cluster.binaries + "/pg_ctl", "-D", data, "-l", data + "/server.log", "-w"]
        _ = try await ChildProcess.run(asUser + command + arguments, environment: ["PATH": "/usr/bin:/bin"], logFile: logFile)
    }
}
