import EndToEndSupport
import EventLog
import Foundation
import Glibc
import Postgres
import PostgresTesting
import Synchronization

/// Two processes of the program fault-sample on one database.
final class FaultSample: Sendable {
    static let migrations = Migrations(
        schema: "sample",
        EventLog.migrationSteps + [
            .init(
                "0001_sample",
                """
                create table contact (number bigint generated always as identity primary key, label text not null);
                create table numbered_event (id bigserial primary key, label text not null);
                create table greeting (number bigint generated always as identity primary key, label text not null);
                """)
        ])

    let directory = FileManager.default.temporaryDirectory.appending(path: "switchboard-sample-\(UUID())").path
    let ports: [Int]
    private let database: TestDatabase
    private let bug: String
    private let processes: Mutex<[ChildProcess?]> = Mutex([nil, nil])
    private let starts = Mutex(0)

    private init(_ database: TestDatabase, _ bug: String) throws {
        self.database = database
        self.bug = bug
        ports = [try FreePort.next(), try FreePort.next()]
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    }

    static func running<Answer: Sendable>(
        on database: TestDatabase, bug: String, _ body: (FaultSample) async throws -> Answer
    ) async throws -> Answer {
        let sample = try FaultSample(database, bug)
        defer {
            for process in sample.processes.withLock({ $0 }) { process?.signal(SIGKILL) }
            _ = try? FileManager.default.removeItem(atPath: sample.directory)
        }
        for index in 0..<2 { try await sample.start(index) }
        return try await body(sample)
    }

    private func start(_ index: Int) async throws {
        let number = starts.withLock { starts in
            starts += 1
            return starts
        }
        let process = try ChildProcess(
            [try Platform.programsDirectory() + "/fault-sample"],
            environment: [
                "SAMPLE_DATABASE_URL": database.runtimeURL, "SAMPLE_PORT": "\(ports[index])", "SAMPLE_BUG": bug,
                "SWIFT_BACKTRACE": "enable=no",
            ], logFile: "\(directory)/\(number).log")
        processes.withLock { $0[index] = process }
        try await process.says("ready")
    }

    // MARK: - Faults

    func killAndRestart(_ index: Int) async throws {
        let process = processes.withLock { $0[index] }
        process?.signal(SIGKILL)
        try await process?.ended()
        try await start(index)
    }

    /// Holds a process until the other one has taken over and ended every job that was there, and lets it go on with what it
    /// had in hand.
    func stopThroughItsLeases(_ index: Int) async throws {
        let process = processes.withLock { $0[index] }
        process?.signal(SIGSTOP)
        defer { process?.signal(SIGCONT) }
        try await database.withAdministrator { pool in
            let last = try await pool.query("select coalesce(max(sequence), 0) from sample.job")[0].decode(Int64.self)
            // Held inside a transaction it keeps the job to itself: then there is nothing to take over.
            let limit = ContinuousClock.now + .seconds(3)
            while try await pool.query("select job_id from sample.job where sequence <= \(last)").count > 0, .now < limit {
                try await Task.sleep(for: .milliseconds(20))
            }
        }
    }

    // MARK: - Evidence

    func stored() async throws -> Evidence {
        try await database.withAdministrator { pool in
            let rows = try await pool.query("select label from sample.contact order by number")
            return Evidence("stored", try rows.compactMap { Write(label: try $0.decode(String.self)) }, isOrdered: false)
        }
    }

    /// What the jobs have brought about, once all are done.
    func greetings() async throws -> Evidence {
        try await database.withAdministrator { pool in
            let limit = ContinuousClock.now + .seconds(60)
            while try await pool.query("select job_id from sample.job").count > 0 {
                guard .now < limit else { throw ChildProcessError("jobs are left over") }
                try await Task.sleep(for: .milliseconds(50))
            }
            let rows = try await pool.query("select label from sample.greeting order by number")
            return Evidence("greetings", try rows.compactMap { Write(label: try $0.decode(String.self)) }, isOrdered: false)
        }
    }
}
