import Foundation
import Postgres
import PostgresTesting
import Synchronization
import Testing
import Trials

/// A server drops a cancel request that reaches it before its statement does. Here it surely does: the backend is stopped
/// while both arrive, and meets the signal first when it goes on.
@Test(.timeLimit(.minutes(5))) func aCancelThatOvertakesItsStatementIsSentAgain() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        let backend = try await pool.query("select pg_backend_pid()")[0].decode(Int32.self)
        // A database cannot be dropped while a backend is stopped.
        defer { kill(backend, SIGCONT) }
        var overtaken = 0
        while overtaken < 5 {
            kill(backend, SIGSTOP)
            let sleeping = Task { try await pool.query("select pg_sleep(600)::text") }
            try await eventually { pool.idleCount == 0 }
            sleeping.cancel()
            await #expect(throws: CancellationError.self) { try await sleeping.value }
            // Cancelled before it was sent, a statement gives the connection back, and there is nothing to overtake.
            try await eventually { try hasPendingInterrupt(backend) || pool.idleCount == 1 }
            if try hasPendingInterrupt(backend) { overtaken += 1 }
            kill(backend, SIGCONT)
            // The same backend answers: the statement was ended, not the connection.
            #expect(try await pool.query("select pg_backend_pid()")[0].decode(Int32.self) == backend)
        }
    }
}

/// Whether a process has a SIGINT that it has not taken yet.
private func hasPendingInterrupt(_ pid: Int32) throws -> Bool {
    let status = try String(contentsOfFile: "/proc/\(pid)/status", encoding: .utf8)
    let pending = status.split(separator: "\n").filter { $0.hasPrefix("SigPnd:") || $0.hasPrefix("ShdPnd:") }
        .compactMap { UInt64($0.split(separator: "\t")[1], radix: 16) }
    return pending.contains { $0 & 1 << (UInt64(SIGINT) - 1) != 0 }
}

/// Each statement is cancelled at another moment, and the next caller of the connection must not feel it.
@Test func noCancelReachesTheNextStatementOfItsConnection() async throws {
    let rounds = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 400 : 20_000
    try await withPool({ configuration in
        configuration.connectionsMax = 1
        // A connection that did not come clean would show as another backend.
        configuration.acquireTimeout = .seconds(30)
    }) { pool, _ in
        let backend = try await pool.query("select pg_backend_pid()")[0].decode(Int32.self)
        for round in 0..<rounds {
            let cancelled = Task { try await pool.query("select pg_sleep(0.002), \(round)::bigint") }
            try await Task.sleep(for: .microseconds(Int.random(in: 0...3_000)))
            cancelled.cancel()
            async let next = pool.query("select pg_backend_pid(), \(round)::bigint")[0].decode((Int32, Int).self)
            let (pid, answer) = try await next
            #expect(pid == backend && answer == round)
            switch await cancelled.result {
            case .success: break
            case .failure(let error): #expect(error is CancellationError)
            }
        }
    }
}

/// A part of a transaction's body may be cancelled by itself, as the losing half of a race: the rest goes on with the same
/// connection, once it has come clean.
@Test func aTransactionWhoseStatementAloneIsCancelledRollsBackAndGoesOn() async throws {
    try await withPool({ $0.connectionsMax = 1 }) { pool, _ in
        for _ in 0..<20 {
            await #expect(throws: CancellationError.self) {
                try await pool.transaction { transaction in
                    try await transaction.query("insert into first.note (id, text) values (\(1), \("x"))")
                    let part = Task { try await transaction.query("select pg_sleep(600)::text") }
                    try await Task.sleep(for: .microseconds(Int.random(in: 0...1_000)))
                    part.cancel()
                    _ = try await part.value
                }
            }
            let rest = try await pool.query("select count(*) from first.note")[0].decode(Int.self)
            #expect(rest == 0)
        }
    }
}
