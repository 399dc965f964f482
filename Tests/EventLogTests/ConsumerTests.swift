import EventLog
import FoundationEssentials
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing
import Trials

/// Thrown at a named point, once in so many times: what a kill -9 leaves behind, a connection that is dropped in the middle.
private struct Killed: Error {}

private final class Failpoints: Sendable {
    private let counts = Mutex([String: Int]())
    private let every: Int

    init(every: Int) {
        self.every = every
    }

    func pass(_ name: String) throws {
        let count = counts.withLock { counts in
            counts[name, default: 0] += 1
            return counts[name]!
        }
        if count % every == every - 1 { throw Killed() }
    }
}

private func consumer(
    _ pool: PostgresPool, shards: Int = 1, lease: Duration = .seconds(2), of remote: EventLog, failpoints: Failpoints? = nil,
    apply: (@Sendable (Event, Transaction) async throws -> Void)? = nil
) -> EventConsumer<Event> {
    EventConsumer(
        name: "sample.effects", schema: "sample", pool: pool, shards: shards, lease: lease, logger: .quiet,
        source: { shard, cursor in
            try failpoints?.pass("opening")
            return AsyncThrowingStream { continuation in
                let task = Task {
                    do {
                        for try await batch in remote.batches(after: cursor.flatMap { Cursor($0) }) {
                            for event in batch.events {
                                continuation.yield(
                                    .event(event, tenantID: event.tenantID, cursor: event.cursor.description))
                            }
                            continuation.yield(.progress(cursor: batch.cursor.description))
                        }
                    } catch {
                        continuation.finish(throwing: error)
                    }
                }
                continuation.onTermination = { _ in task.cancel() }
            }
        },
        apply: apply ?? { event, transaction in
            try failpoints?.pass("before the effect")
            try await recordEffect(event.attributes["number"]!, event.tenantID, transaction)
            try failpoints?.pass("behind the effect")
        })
}

/// Counts how often an event took effect.
private func recordEffect(_ number: String, _ tenantID: UUID, _ transaction: Transaction) async throws {
    try await transaction.query(
        """
        insert into sample.effect (tenant_id, event) values (\(tenantID), \(number))
        on conflict (tenant_id, event) do update set count = effect.count + 1
        """)
}

/// The effects by number of times.
private func effects(_ database: TestDatabase) async throws -> [Int: Int] {
    try await database.withAdministrator { administrator in
        let rows = try await administrator.query("select count, count(*) from sample.effect group by count")
        return try Dictionary(uniqueKeysWithValues: rows.map { try $0.decode((Int, Int).self) })
    }
}

private func withRunning(_ services: [@Sendable () async throws -> Void], _ body: () async throws -> Void) async throws {
    let tasks = services.map { service in Task { try await service() } }
    defer { tasks.forEach { $0.cancel() } }
    try await body()
    tasks.forEach { $0.cancel() }
    for task in tasks { _ = await task.result }
}

@Test func eachEventTakesEffectOnceThoughTheConsumerDiesBetweenAnyTwoSteps() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenants = (0..<4).map { tenant(in: $0) }
            try await log.append(pool, (0..<60).map { event(tenants[$0 % 4], number: $0) })
            let consumer = consumer(pool, of: log, failpoints: Failpoints(every: 7))
            try await withRunning([{ try await consumer.run() }]) {
                let head = try await log.head().description
                try await eventually { try await consumer.hasCaughtUp(with: head) }
            }
            let counts = try await effects(database)
            #expect(counts == [1: 60])
        }
    }
}

@Test func aBackendKilledUnderTheConsumerLeavesOneEffect() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenantID = UUID()
            try await log.append(pool, (0..<40).map { event(tenantID, number: $0) })
            let kills = KillSwitch(url: database.administratorURL)
            let consumer = consumer(pool, of: log) { event, transaction in
                try await recordEffect(event.attributes["number"]!, event.tenantID, transaction)
                // The backend that holds effect and cursor dies before it hears COMMIT.
                if await kills.isDue() {
                    let pid = try await transaction.query("select pg_backend_pid()")[0].decode(Int32.self)
                    try await kills.kill(pid)
                }
            }
            try await withRunning([{ try await consumer.run() }]) {
                let head = try await log.head().description
                try await eventually { (try? await consumer.hasCaughtUp(with: head)) == true }
            }
            let counts = try await effects(database)
            #expect(counts == [1: 40])
        }
    }
}

/// Kills the backend at every ninth event, through a connection of its own.
private actor KillSwitch {
    private let pool: PostgresPool
    private var count = 0

    init(url: String) {
        pool = PostgresPool(PostgresConfiguration(url: url), logger: .quiet)
    }

    func isDue() -> Bool {
        count += 1
        return count % 9 == 0
    }

    func kill(_ pid: Int32) async throws {
        try await pool.query("select pg_terminate_backend(\(pid))")
    }
}

@Test func replicasShareTheShardsAndTakeOverFromEachOther() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenants = (0..<8).map { tenant(in: $0) }
            let consumers = (0..<2).map { _ in consumer(pool, shards: 4, lease: .milliseconds(400), of: log) }
            try await log.append(pool, (0..<40).map { event(tenants[$0 % 8], number: $0) })
            let first = Task { try await consumers[0].run() }
            let head = try await log.head().description
            try await eventually { try await consumers[0].hasCaughtUp(with: head) }
            try await withRunning([{ try await consumers[1].run() }]) {
                first.cancel()
                try await log.append(pool, (40..<80).map { event(tenants[$0 % 8], number: $0) })
                let later = try await log.head().description
                try await eventually { try await consumers[1].hasCaughtUp(with: later) }
            }
            let counts = try await effects(database)
            #expect(counts == [1: 80])
        }
    }
}

@Test func aConsumerWhoseLeaseWasTakenOverChangesNothing() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            try await log.append(pool, [event(UUID(), number: 1)])
            let (entered, signal) = AsyncStream.makeStream(of: Void.self)
            let (resumed, resume) = AsyncStream.makeStream(of: Void.self)
            // Stops before its transaction begins, as a process that was suspended; wakes when another has been there.
            let slow = EventConsumer<Event>(
                name: "sample.effects", schema: "sample", pool: pool, lease: .seconds(60), logger: .quiet,
                source: { _, _ in
                    let event = try await log.first(1)[0]
                    signal.finish()
                    for await _ in resumed {}
                    return AsyncThrowingStream { continuation in
                        continuation.yield(.event(event, tenantID: event.tenantID, cursor: event.cursor.description))
                        continuation.finish()
                    }
                },
                apply: { event, transaction in
                    try await recordEffect("stale", event.tenantID, transaction)
                })
            let task = Task { try await slow.run() }
            for await _ in entered {}
            try await pool.query("update sample.event_consumer set token = token + 1, lease_until = '-infinity'")
            let quick = consumer(pool, of: log)
            try await withRunning([{ try await quick.run() }]) {
                let head = try await log.head().description
                try await eventually { try await quick.hasCaughtUp(with: head) }
                resume.finish()
                try await Task.sleep(for: .milliseconds(50))
                task.cancel()
            }
            _ = await task.result
            try await database.withAdministrator { administrator in
                let rows = try await administrator.query("select event from sample.effect")
                #expect(try rows.map { try $0.decode(String.self) } == ["1"])
            }
        }
    }
}

/// A batch may last longer than anybody waits for a lock, as on a machine that is short of time: its own renewal must not give
/// it up, or it would be begun again for ever.
@Test func aBatchMayLastLongerThanItsLeaseAndThanTheWaitForALock() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool {
            $0.lockTimeout = .milliseconds(100)
        } _: { pool in
            let log = EventLog(pool)
            try await log.append(pool, [event(UUID(), number: 1)])
            let begun = Mutex(0)
            let replicas = (0..<2).map { _ in
                consumer(pool, lease: .milliseconds(300), of: log) { event, transaction in
                    begun.withLock { $0 += 1 }
                    // The length of the work is what is tried.
                    try await transaction.query("select pg_sleep(1)")
                    try await recordEffect("1", event.tenantID, transaction)
                }
            }
            try await withRunning(replicas.map { replica in { try await replica.run() } }) {
                let head = try await log.head().description
                try await eventually { try await replicas[0].hasCaughtUp(with: head) }
            }
            #expect(begun.withLock { $0 } == 1)
        }
        let counts = try await effects(database)
        #expect(counts == [1: 1])
    }
}

/// M2: the outbox row outside the transaction of its change. The count that holds for `append` does not hold for it.
@Test func M2_theAuditCatchesAnEventOutsideItsTransaction() async throws {
    struct Refusal: Error {}
    func run(_ pool: PostgresPool, _ log: EventLog, outside: Bool, _ tenantID: UUID, _ number: Int) async throws {
        let settings = TransactionOptions(settings: ["switchboard.tenant_id": tenantID.uuidString])
        try? await pool.transaction(settings) { transaction in
            try await recordEffect("\(number)", tenantID, transaction)
            if outside {
                try await log.append(pool, [event(tenantID, number: number)])
            } else {
                try await log.append([event(tenantID, number: number)], in: transaction)
            }
            if number % 3 == 0 { throw Refusal() }
        }
    }
    for outside in [false, true] {
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                let tenantID = UUID()
                for number in 1...9 { try await run(pool, log, outside: outside, tenantID, number) }
                let ghosts = try await database.withAdministrator { administrator in
                    try await administrator.query(
                        """
                        select attributes ->> 'number' from sample.event
                        where not exists (
                            select from sample.effect
                            where effect.tenant_id = event.tenant_id and effect.event = event.attributes ->> 'number')
                        """
                    ).count
                }
                #expect(ghosts == (outside ? 3 : 0))
            }
        }
    }
}
