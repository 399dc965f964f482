import Foundation
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing
import Trials

/// RELIABILITY.md 4, experiments 2 and 9, on the pool itself, with servers of their own.
@Suite(.serialized)
struct OutageTests {
    @Test func E2_afterAKilledPostmasterThePoolIsBackAndNothingAcknowledgedIsLost() async throws {
        let cluster = try TestCluster.start()
        let url = cluster.administratorURL()
        try await underWrites(url, onto: url) {
            try cluster.killPostmaster()
            try await cluster.startServer()
        }
    }

    @Test func E2_aPoolWithTwoHostsFollowsThePrimary() async throws {
        let primary = try TestCluster.start()
        let standby = try TestCluster.start(standbyOf: primary)
        // A commit waits for the standby: what was acknowledged is there after the failover.
        try await Administration.execute(
            script: "alter system set synchronous_standby_names = '*'", url: primary.administratorURL())
        try await Administration.execute(script: "select pg_reload_conf()", url: primary.administratorURL())
        let hosts = "127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)"
        let url = "postgresql://postgres@\(hosts)/postgres?target_session_attrs=read-write"
        try await underWrites(url, onto: standby.administratorURL()) {
            try primary.killPostmaster()
            try await standby.promote()
        }
    }

    /// Writes, breaks, writes on, and compares what was acknowledged with what is there.
    private func underWrites(_ url: String, onto survivor: String, _ fault: () async throws -> Void) async throws {
        try await Administration.execute(script: "create table item (id bigint primary key)", url: url)
        let pool = PostgresPool(PostgresConfiguration(url: url, applicationName: "outage"), logger: .quiet)
        defer { pool.close() }
        let writers = ItemWriters(pool)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await writers.run() } }
            try await eventually { writers.count >= 40 }
            try await fault()
            // The server accepts; the pool is the next to know.
            let accepted = ContinuousClock.now
            let before = writers.count
            try await eventually { writers.count > before }
            print("the pool is back \(accepted.duration(to: .now)) after the server accepts")
            try await eventually { writers.count >= before + 40 }
            writers.stop()
            try await group.waitForAll()
        }
        let rest = PostgresPool(PostgresConfiguration(url: survivor), logger: .quiet)
        defer { rest.close() }
        let stored = Set(try await rest.query("select id from item").map { try $0.decode(Int.self) })
        #expect(writers.acknowledged.subtracting(stored) == [])
    }

    @Test func E9_aFullServerIsAnErrorWithinTheAcquireTimeoutAndPasses() async throws {
        let cluster = try TestCluster.start(
            settings: "max_connections = 8\nsuperuser_reserved_connections = 2\nmax_wal_senders = 0")
        try await Administration.execute(
            script: "create role hog login; create role guest login", url: cluster.administratorURL())
        var settings = PostgresConfiguration(url: cluster.url(role: "hog", database: "postgres"), applicationName: "hog")
        settings.connectionsMax = 6
        settings.acquireTimeout = .seconds(20)
        let hog = PostgresPool(settings, logger: .quiet)
        settings.url = cluster.url(role: "guest", database: "postgres")
        settings.acquireTimeout = .milliseconds(300)
        let guest = PostgresPool(settings, logger: .quiet)
        defer {
            hog.close()
            guest.close()
        }
        let holding = Holding()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<6 {
                group.addTask {
                    try await hog.transaction { transaction in
                        try await transaction.query("select 1")
                        holding.begin()
                        while !holding.isOver { try await Task.sleep(for: .milliseconds(10)) }
                    }
                }
            }
            try await eventually { holding.count == 6 }
            for _ in 0..<3 {
                let error = await postgresError { try await guest.query("select 1") }
                #expect(error?.category == .unavailable && error?.sqlState == .tooManyConnections)
            }
            holding.end()
            try await group.waitForAll()
        }
        hog.close()
        try await eventually { (try? await guest.query("select 1")) != nil }
    }
}

private final class Holding: Sendable {
    private let state = Mutex((count: 0, isOver: false))
    var count: Int { state.withLock { $0.count } }
    var isOver: Bool { state.withLock { $0.isOver } }
    func begin() { state.withLock { $0.count += 1 } }
    func end() { state.withLock { $0.isOver = true } }
}

/// Inserts one number after the other, each until it is acknowledged.
private final class ItemWriters: Sendable {
    private struct State {
        var last = 0
        var acknowledged: Set<Int> = []
        var isOver = false
    }

    private let pool: PostgresPool
    private let state = Mutex(State())

    init(_ pool: PostgresPool) { self.pool = pool }

    var acknowledged: Set<Int> { state.withLock(\.acknowledged) }
    var count: Int { state.withLock(\.acknowledged.count) }
    func stop() { state.withLock { $0.isOver = true } }

    func run() async throws {
        while true {
            let next: Int? = state.withLock { state in
                state.last += 1
                return state.isOver ? nil : state.last
            }
            guard let id = next else { return }
            while !state.withLock(\.isOver) {
                do {
                    try await pool.query("insert into item (id) values (\(id)) on conflict do nothing")
                    _ = state.withLock { $0.acknowledged.insert(id) }
                    break
                } catch let error as PostgresError {
                    guard [.unavailable, .outcomeUnknown, .overloaded].contains(error.category) else { throw error }
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
        }
    }
}
