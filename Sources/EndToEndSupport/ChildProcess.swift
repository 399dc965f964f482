import Foundation
import Glibc
import Synchronization

/// A program that a test starts, by its pid, and stops by its pid.
package final class ChildProcess: Sendable {
    package let pid: pid_t
    package let logFile: String
    private let reaped = Mutex<Int32?>(nil)

    /// - Parameter logFile: takes what the program prints; it is appended to.
    package init(_ arguments: [String], environment: [String: String], logFile: String) throws {
        let log = open(logFile, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard log >= 0 else { throw ChildProcessError("cannot write \(logFile)") }
        defer { close(log) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, log, 1)
        posix_spawn_file_actions_adddup2(&actions, log, 2)
        var vector: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for pointer in vector + variables { free(pointer) } }
        var child: pid_t = 0
        guard posix_spawn(&child, arguments[0], &actions, nil, &vector, &variables) == 0 else {
            throw ChildProcessError("cannot start \(arguments[0])")
        }
        pid = child
        self.logFile = logFile
    }

    package func signal(_ signal: Int32) {
        if reaped.withLock({ $0 == nil }) { kill(pid, signal) }
    }

    /// Its exit status as `waitpid` tells it, if it has ended.
    package var status: Int32? {
        reaped.withLock { reaped in
            if reaped == nil {
                var status: Int32 = 0
                if waitpid(pid, &status, WNOHANG) == pid { reaped = status }
            }
            return reaped
        }
    }

    /// Waits for its end; kills it when the time is over.
    @discardableResult
    package func ended(within limit: Duration = .seconds(15)) async throws -> Int32 {
        let deadline = ContinuousClock.now + limit
        while status == nil {
            if .now > deadline { signal(SIGKILL) }
            try await Task.sleep(for: .milliseconds(10))
        }
        return status ?? 0
    }

    /// The libraries it has mapped, by file name.
    package func mappedLibraries() throws -> Set<String> {
        let names = try readFile("/proc/\(pid)/maps").split(separator: "\n").compactMap { line in
            line.split(separator: "/").last.map(String.init)
        }
        return Set(names.filter { $0.contains(".so") })
    }

    /// Runs a program to its end.
    /// - Returns: what it printed.
    package static func run(
        _ arguments: [String], environment: [String: String] = [:], logFile: String, within limit: Duration = .seconds(60)
    ) async throws -> String {
        unlink(logFile)
        let process = try ChildProcess(arguments, environment: environment, logFile: logFile)
        let status = try await process.ended(within: limit)
        let output = try readFile(logFile)
        guard status == 0 else { throw ChildProcessError("\(arguments[0]) ended with \(status): \(output)") }
        return output
    }
}

package struct ChildProcessError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}

/// A whole file, as text; also one of /proc, whose size nobody knows beforehand.
package func readFile(_ path: String) throws -> String {
    let file = try FileHandle(forReadingFrom: URL(filePath: path))
    defer { try? file.close() }
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
}
