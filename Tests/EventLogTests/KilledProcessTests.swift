import EndToEndSupport
import EventLog
import Foundation
import Postgres
import PostgresTesting
import Testing
import Trials

/// RELIABILITY.md 4, experiments 4 and 7: the program event-log-sample as a real process, killed and stopped at its failpoints.
@Suite(.serialized)
struct KilledProcessTests {
    @Test func E4_aProcessKilledBetweenAnyTwoStepsLeavesOneEffectOfEachEvent() async throws {
        let points = try await SampleProcess.points()
        #expect(points.count == 9)
        let rounds = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == nil ? 1 : 3
        try await withSample { scene in
            for point in (0..<rounds).flatMap({ _ in points }) {
                try await scene.append(6)
                let process = try scene.start(["KILL_AT": point])
                let status = try await process.ended(within: .seconds(30))
                // It came to the point, and had no last word.
                #expect(status == SIGKILL, "\(point)")
            }
            try await scene.finish()
            let audit = try await scene.audit()
            #expect(audit == [])
        }
    }

    /// M2: the job's row outside the transaction of its cause; the process dies between the two.
    @Test func M2_theAuditCatchesAJobOutsideTheTransactionOfItsCause() async throws {
        try await withSample { scene in
            try await scene.append(6)
            let process = try scene.start(["KILL_AT": "effectCommitted", "PLANT": "M2"])
            #expect(try await process.ended(within: .seconds(30)) == SIGKILL)
            try await scene.finish()
            let audit = try await scene.audit()
            #expect(!audit.isEmpty && audit.allSatisfy { $0.hasPrefix("LOST") }, "\(audit)")
        }
    }

    /// M5 and experiment 7: a worker is stopped beyond its lease, another does its job, and it wakes.
    @Test(arguments: [false, true])
    func E7_aZombieIsFencedAndTheAuditCatchesM5(planted: Bool) async throws {
        try await withSample { scene in
            let plant = planted ? ["PLANT": "M5"] : [:]
            try await scene.append(6)
            let zombie = try scene.start(plant.merging(["STOP_AT": "requestSent"]) { $1 })
            try await eventually { try readFile("/proc/\(zombie.pid)/stat").contains(") T ") }
            let other = try scene.start(plant)
            try await scene.settled()
            other.signal(SIGKILL)
            try await other.ended()
            zombie.signal(SIGCONT)
            // It ends its old job before it takes a new one.
            try await scene.append(1)
            try await scene.settled()
            zombie.signal(SIGKILL)
            try await zombie.ended()
            let audit = try await scene.audit()
            #expect(planted ? audit.count == 1 && audit[0].hasPrefix("DUP sent") : audit == [], "\(audit)")
        }
    }
}

private enum SampleProcess {
    static var program: String {
        URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "event-log-sample").path
    }

    static func points() async throws -> [String] {
        try await ChildProcess.run([program, "points"], logFile: logFile()).split(separator: "\n").map(String.init)
    }

    static func logFile() -> String {
        FileManager.default.temporaryDirectory.appending(path: "event-log-sample-\(UUID()).log").path
    }
}

/// The database of one test, the events it was given, and the processes that work on them.
private final class Scene: Sendable {
    let database: TestDatabase
    private let pool: PostgresPool
    private let log: EventLog
    private let appended = Counted()
    let logFile = SampleProcess.logFile()

    init(_ database: TestDatabase, _ pool: PostgresPool) {
        self.database = database
        self.pool = pool
        log = EventLog(pool)
    }

    func append(_ count: Int) async throws {
        let numbers = (0..<count).map { _ in appended.next() }
        try await log.append(pool, numbers.map { event(tenant(in: $0 % 3), number: $0) })
    }

    func start(_ environment: [String: String] = [:]) throws -> ChildProcess {
        try ChildProcess([SampleProcess.program, database.runtimeURL], environment: environment, logFile: logFile)
    }

    /// A process that nothing befalls does the rest.
    func finish() async throws {
        let process = try start()
        try await settled()
        process.signal(SIGKILL)
        try await process.ended()
    }

    /// Waits until every event has been applied and no job is left.
    func settled() async throws {
        let head = try await log.head().description
        let consumer = EventConsumer<Event>(
            name: "sample.effects", schema: "sample", pool: pool, logger: .quiet,
            source: { _, _ in throw EventLogError.outOfRange }, apply: { _, _ in })
        let queue = JobQueue(schema: "sample", pool: pool)
        do {
            try await eventually {
                guard try await consumer.hasCaughtUp(with: head) else { return false }
                return try await queue.count(kinds: ["send"]) == 0
            }
        } catch is NeverHappened {
            Issue.record("the process does not come to an end: \(try readFile(logFile).suffix(2_000))")
        }
    }

    /// What is wrong with the effects, inside and at the provider.
    func audit() async throws -> [String] {
        let effects = try await database.withAdministrator { administrator in
            try await administrator.query(
                """
                select event, count from sample.effect
                union all select 'request ' || number, count(*)::integer from provider.request group by number
                """
            ).map { try $0.decode((String, Int).self) }
        }
        let counts = Dictionary(uniqueKeysWithValues: effects)
        return (0..<appended.value).flatMap { number in
            ["applied \(number)", "request \(number)", "sent \(number)"].compactMap { what in
                switch counts[what, default: 0] {
                case 0: "LOST \(what)"
                case 1: nil
                case let count: "DUP \(what) (\(count))"
                }
            }
        }
    }
}

private func withSample(_ body: (Scene) async throws -> Void) async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await Administration.execute(
            script: """
                create schema provider;
                create table provider.request (
                    request_id uuid primary key, number text not null, count integer not null default 1
                );
                grant usage on schema provider to public;
                grant select, insert, update on provider.request to public;
                """, url: database.administratorURL)
        try await database.withPool { pool in
            let scene = Scene(database, pool)
            defer { try? FileManager.default.removeItem(atPath: scene.logFile) }
            try await body(scene)
        }
    }
}
