import Foundation
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing
import WallTime

@testable import ServiceDatabase
@testable import ServiceRuntime

/// Product time is the database's, so that replicas on machines whose clocks differ agree (DESIGN.md 4).
@Suite("The database's clock")
struct DatabaseClockTests {
    /// What a round trip and a busy machine may cost.
    private static let tolerance: Duration = .seconds(2)

    private func isNear(_ one: Instant, _ other: Instant) -> Bool {
        (.zero - Self.tolerance...Self.tolerance).contains(one.duration(to: other))
    }

    @Test("two replicas whose machines are an hour slow and a day fast tell the database's time", .timeLimit(.minutes(1)))
    func replicasAgree() async throws {
        try await withTestDatabase(migrating: DatabaseModule.migrations!) { database in
            try await database.withPool { pool in
                let clocks = [Duration.seconds(-3_600), .seconds(86_400)].map { error in
                    ProductClock(machine: { .now.advanced(by: error) })
                }
                #expect(!isNear(clocks[0].now, clocks[1].now))
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for clock in clocks {
                        group.addTask { try await DatabaseClockFollower(clock: clock, pool: pool, logger: .quiet).run() }
                    }
                    while clocks.contains(where: { $0.correction == .zero }) { try await Task.sleep(for: .milliseconds(5)) }
                    group.cancelAll()
                }
                let there = try await pool.query("select clock_timestamp()")[0].decode(Instant.self)
                for clock in clocks { #expect(isNear(clock.now, there)) }
            }
        }
    }

    @Test(
        "a machine whose clock is set is corrected at the next look; a look that fails changes nothing", .timeLimit(.minutes(1)))
    func machineIsSet() async throws {
        let error = Mutex(Duration.seconds(7_200))
        let clock = ProductClock(machine: { .now.advanced(by: error.withLock { $0 }) })
        try await withTestDatabase(migrating: DatabaseModule.migrations!) { database in
            try await database.withPool { pool in
                let follower = DatabaseClockFollower(clock: clock, pool: pool, logger: .quiet)
                while await !follower.measure() {}
                #expect(isNear(clock.now, .now))
                error.withLock { $0 = .seconds(-600) }
                while await !follower.measure() {}
                #expect(isNear(clock.now, .now))
            }
        }
        let before = clock.correction
        let nowhere = PostgresPool(
            PostgresConfiguration(url: "postgresql://x@127.0.0.1:\(try FreePort.next())/none?connect_timeout=1"), logger: .quiet)
        let measured = await DatabaseClockFollower(clock: clock, pool: nowhere, logger: .quiet).measure()
        #expect(!measured)
        #expect(clock.correction == before)
        nowhere.close()
    }

    @Test("a service follows its database's clock, and a test clock follows nobody")
    func whoFollows() async throws {
        let storage = PostgresStorageKind(migrations: DatabaseModule.migrations!)
            .open(Secret("postgresql:///none"), service: "contacts", connectionsMax: 1, pollInterval: .seconds(1), logger: .quiet)
        let path = "/tmp/clock-\(UUID().text)"
        let test = ProductClock(file: try TestClockFile(path: path, start: .unixEpoch))
        #expect(storage.loops(clock: ProductClock(), logger: .quiet).contains { $0 is DatabaseClockFollower })
        #expect(!storage.loops(clock: test, logger: .quiet).contains { $0 is DatabaseClockFollower })
        await storage.close()
    }
}
