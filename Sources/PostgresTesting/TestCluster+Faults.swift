import Glibc

/// What happens to servers, for tests whose cluster is their own.
extension TestCluster {
    private var dataDirectory: String { socketDirectory + "/data" }

    /// Kills the server's first process with SIGKILL; its children notice and end.
    package func killPostmaster() throws {
        let file = open(dataDirectory + "/postmaster.pid", O_RDONLY | O_CLOEXEC)
        guard file >= 0, let pid = readAll(file).split(separator: "\n").first.flatMap({ pid_t($0) }) else {
            throw TestClusterError(reason: "the server has no pid file")
        }
        kill(pid, SIGKILL)
    }

    /// Starts the server again and waits until it has recovered. Refused for a while after a kill, as long as a child of the
    /// old one holds its memory.
    package func startServer() async throws {
        for attempt in 1... {
            let status = try await run("pg_ctl", ["-D", dataDirectory, "-l", dataDirectory + "/server.log", "-w", "start"])
            if status == 0 { return }
            guard attempt < 100 else { throw TestClusterError(reason: "the server does not start again") }
            try await Task.sleep(for: .milliseconds(100))
        }
    }

    /// A standby becomes a primary.
    package func promote() async throws {
        guard try await run("pg_ctl", ["-D", dataDirectory, "-w", "promote"]) == 0 else {
            throw TestClusterError(reason: "the standby cannot be promoted")
        }
    }

    /// Runs one of the server's programs as the server's user.
    /// - Returns: its status as `waitpid` tells it.
    private func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let nothing = open("/dev/null", O_RDWR | O_CLOEXEC)
        defer { close(nothing) }
        let child = try spawn(asUser(["\(binaries)/\(program)"] + arguments), input: nothing, output: nothing)
        var status: Int32 = 0
        while waitpid(child, &status, WNOHANG) == 0 { try await Task.sleep(for: .milliseconds(10)) }
        return status
    }

    func asUser(_ arguments: [String]) -> [String] {
        guard let user else { return arguments }
        return ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(user)", "--init-groups"] + arguments
    }
}
