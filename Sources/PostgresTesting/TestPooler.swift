import Glibc

/// PgBouncer in transaction mode before one database, with fewer server connections than it takes clients. It refuses to run
/// as root, and ends with this process.
package final class TestPooler: Sendable {
    private let pid: pid_t
    private let port: Int

    /// - Parameter role: the one role that may come in.
    package init(before database: TestDatabase, role: String, serverConnections: Int) throws {
        let cluster = database.cluster
        port = try FreePort.next()
        let file = "\(cluster.socketDirectory)/pgbouncer-\(port)"
        try Self.write("\"\(role)\" \"\"\n", to: file + ".users")
        try Self.write(
            """
            [databases]
            \(database.name) = host=\(cluster.socketDirectory) port=\(cluster.port)
            [pgbouncer]
            listen_addr = 127.0.0.1
            listen_port = \(port)
            unix_socket_dir =
            auth_type = trust
            auth_file = \(file).users
            pool_mode = transaction
            default_pool_size = \(serverConnections)

            """, to: file + ".ini")
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let program = ["/usr/bin/setpriv", "--pdeathsig=KILL", "/usr/sbin/pgbouncer", "-q", file + ".ini"]
        pid = try spawn(cluster.asUser(program), input: nothing, output: nothing)
    }

    deinit {
        // The one signal that a thread of a pool, whose mask the child has, cannot have blocked.
        kill(pid, SIGKILL)
        var status: Int32 = 0
        waitpid(pid, &status, 0)
    }

    package func url(role: String, database: String) -> String {
        "postgresql://\(role)@127.0.0.1:\(port)/\(database)"
    }

    private static func write(_ text: String, to file: String) throws {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        defer { close(descriptor) }
        guard descriptor >= 0, Glibc.write(descriptor, text, text.utf8.count) == text.utf8.count else {
            throw TestClusterError(reason: "cannot write \(file)")
        }
    }
}
