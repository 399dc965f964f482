import Glibc

/// One private PostgreSQL for this test process, with data checksums and fsync as in production. A keeper (a shell) owns it:
/// the keeper's standard input is a pipe from this process, so however the process ends, killed or crashed, the keeper reads
/// the end of the pipe, stops the server and removes its files.
package struct TestCluster: Sendable {
    /// Where the server's socket is.
    package let socketDirectory: String
    /// Also its port on 127.0.0.1.
    package let port: Int
    package let binaries: String
    /// Root cannot run a server: then it runs as this user.
    package let user: String?

    /// - Parameter host: the socket, unless a test needs TCP.
    package func url(role: String, database: String, tcp: Bool = false) -> String {
        tcp
            ? "postgresql://\(role)@127.0.0.1:\(port)/\(database)"
            : "postgresql://\(role)@/\(database)?host=\(socketDirectory)&port=\(port)"
    }

    package func administratorURL(_ database: String = "postgres") -> String {
        url(role: "postgres", database: database)
    }

    /// A cluster of its own, for a test that kills it; all others share the one of `withTestDatabase`.
    /// - Parameters:
    ///   - primary: the cluster is a copy of that one and follows it.
    ///   - settings: lines of postgresql.conf.
    package static func start(standbyOf primary: TestCluster? = nil, settings: String = "") throws -> TestCluster {
        let isRoot = geteuid() == 0
        let parent = Self.parent(isRoot: isRoot)
        mkdir(parent, 0o755)
        let directory = "\(parent)/run-\(getpid())-\(UInt32.random(in: .min ... .max))"
        let binaries = try findBinaries()
        let port = try FreePort.next()
        let user = isRoot ? "postgres" : nil
        try keep(arguments: [
            directory, binaries, "\(port)", user ?? "", parent, settings,
            primary.map { "host=\($0.socketDirectory) port=\($0.port) user=postgres" } ?? "",
        ])
        return TestCluster(socketDirectory: directory, port: port, binaries: binaries, user: user)
    }

    /// In memory where there is room, or the suite would take as long as the machine's disk needs to write through; a server
    /// that is killed loses nothing of it either.
    private static func parent(isRoot: Bool) -> String {
        let memory = "/dev/shm"
        var space = statvfs()
        let hasRoom = statvfs(memory, &space) == 0 && UInt64(space.f_bavail) * UInt64(space.f_frsize) > 8 << 30
        if hasRoom, access(memory, W_OK) == 0 { return "\(memory)/switchboard-tests-\(geteuid())" }
        return isRoot ? "/var/lib/switchboard-tests" : "/tmp/switchboard-tests-\(geteuid())"
    }

    private static func findBinaries() throws -> String {
        for version in (14...20).reversed() {
            let directory = "/usr/lib/postgresql/\(version)/bin"
            if access(directory + "/initdb", X_OK) == 0 { return directory }
        }
        throw TestClusterError(reason: "no PostgreSQL server below /usr/lib/postgresql")
    }

    /// Starts the keeper and waits for its word.
    private static func keep(arguments: [String]) throws {
        let life = try Pipe()
        let word = try Pipe()
        try spawn(["/bin/sh", "-c", keeperScript, "keeper"] + arguments, input: life.read, output: word.write)
        close(life.read)
        close(word.write)
        // `life.write` stays open, marked close-on-exec, for as long as this process lives.
        let answer = readAll(word.read)
        guard answer.hasPrefix("ready") else { throw TestClusterError(reason: answer) }
    }

    private static let keeperScript = """
        set -eu
        directory=$1 binaries=$2 port=$3 user=$4 parent=$5 settings=$6 primary=$7
        cd /
        as() { if [ -n "$user" ]; then setpriv --reuid="$user" --regid="$user" --init-groups "$@"; else "$@"; fi; }
        discard() {
            as "$binaries/pg_ctl" -D "$1/data" -m immediate -w stop >/dev/null 2>&1 || true
            rm -rf "$1"
        }
        # Leftovers of runs whose keeper was killed too.
        for old in "$parent"/run-*; do
            [ -d "$old" ] || continue
            owner=${old##*/run-}; owner=${owner%%-*}
            [ -d "/proc/$owner" ] || discard "$old"
        done
        mkdir -m 700 "$directory"
        [ -z "$user" ] || chown "$user" "$directory"
        fail() { tail -n 20 "$directory/log" 2>/dev/null; discard "$directory"; exit 1; }
        if [ -n "$primary" ]; then
            as "$binaries/pg_basebackup" -D "$directory/data" -d "$primary" -R -X stream -c fast --no-sync \
                >"$directory/log" 2>&1 || fail
        else
            as "$binaries/initdb" -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --data-checksums \
                --no-sync >"$directory/log" 2>&1 || fail
        fi
        cat >>"$directory/data/postgresql.conf" <<END
        listen_addresses = '127.0.0.1'
        port = $port
        unix_socket_directories = '$directory'
        max_connections = 400
        fsync = on
        synchronous_commit = on
        full_page_writes = on
        # After a crash one call per file system instead of one per file: seconds instead of ten.
        recovery_init_sync_method = syncfs
        $settings
        END
        chmod 711 "$directory"
        as "$binaries/pg_ctl" -D "$directory/data" -l "$directory/data/server.log" -w start >>"$directory/log" 2>&1 || fail
        echo ready
        exec >/dev/null 2>&1
        cat >/dev/null || true
        discard "$directory"
        """
}

package struct TestClusterError: Error, CustomStringConvertible {
    var reason: String
    package var description: String { "the test cluster did not start: \(reason)" }
}
