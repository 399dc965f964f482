import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import Testing
import Trials

/// An event as the audit looks at it.
struct Seen {
    var partition: Int
    var position: Int64
    var number: String
}

func audit(_ events: [Event], acknowledged: [String]) -> [String] {
    audit(
        events.map { Seen(partition: $0.partition, position: $0.position, number: $0.attributes["number"] ?? "") },
        acknowledged: acknowledged)
}

/// What is wrong with what a reader saw, given what writers were told had happened.
func audit(_ events: [Seen], acknowledged: [String]) -> [String] {
    var problems: [String] = []
    let numbers = events.map(\.number)
    let counts = Dictionary(grouping: numbers) { $0 }.mapValues(\.count)
    for number in acknowledged where counts[number] == nil { problems.append("LOST \(number)") }
    for (number, count) in counts where count > 1 { problems.append("DUP \(number)") }
    for (partition, stretch) in Dictionary(grouping: events, by: \.partition) {
        if stretch.map(\.position) != Array(1...Int64(stretch.count)) { problems.append("ORDER in partition \(partition)") }
    }
    return problems
}

@Test func sixteenWritersAtOnceLeaveNoGapAndKeepTheirOrder() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool({ $0.connectionsMax = 20 }) { pool in
            let log = EventLog(pool)
            let (writers, each) = (16, 25)
            // Four tenants share a partition, so that writers meet at its counter.
            let tenants = (0..<writers).map { tenant(in: $0 / 4) }
            async let read = log.first(writers * each)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<writers {
                    group.addTask {
                        for number in 0..<each {
                            try await log.append(pool, [event(tenants[writer], number: writer * 1_000 + number)])
                        }
                    }
                }
                try await group.waitForAll()
            }
            let events = try await read
            let acknowledged = (0..<writers).flatMap { writer in (0..<each).map { String(writer * 1_000 + $0) } }
            #expect(audit(events, acknowledged: acknowledged) == [])
            for tenantID in tenants {
                let numbers = events.filter { $0.tenantID == tenantID }.compactMap { Int($0.attributes["number"]!) }
                #expect(numbers == numbers.sorted())
            }
        }
    }
}

/// The first event of a partition, written as by a writer that stops before its COMMIT arrives: the worst case, since it holds the
/// partition's counter itself.
private func takePlace(in partition: Int, of tenantID: UUID, _ holder: Transaction) async throws {
    try await holder.query("update sample.event_partition set position = position + 1 where partition = \(partition)")
    try await holder.query(
        """
        insert into sample.event (
            partition, position, record_time, tenant_id, kind, subject_id, time, attributes, payload
        )
        select \(partition), 1, clock_timestamp(), \(tenantID), 'sample.held', \(tenantID), clock_timestamp(), '{"number": "-1"}', ''
        """)
}

/// Kills the backend that sleeps in a transaction, as soon as it does.
private func terminateSleeper(_ pool: PostgresPool) async throws {
    try await eventually {
        try await pool.query(
            """
            select pg_terminate_backend(pid) from pg_stat_activity
            where query like 'select pg_sleep(60)%' and state = 'active' and datname = current_database()
            """
        ).count == 1
    }
}

/// All at once: fourteen that write, one that holds its place until they are done, one that is killed with its place taken.
@Test func ofSixteenWritersOneHoldsAndOneIsKilledAndNothingIsLost() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool({ $0.connectionsMax = 20 }) { pool in
            let log = EventLog(pool)
            let (writers, each) = (14, 20)
            let tenants = (0..<writers).map { tenant(in: $0 / 4) }
            let held = tenant(in: 10)
            // It takes the place of the last two writers, who wait for it until it is killed.
            let killed = Task {
                try await pool.transaction(.init(attemptsMax: 1)) { transaction in
                    try await transaction.query("update sample.event_partition set position = position + 1 where partition = 3")
                    try await transaction.query("select pg_sleep(60)::text")
                }
            }
            try await pool.transaction { holder in
                try await takePlace(in: 10, of: held, holder)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for writer in 0..<writers {
                        group.addTask {
                            for number in 0..<each {
                                try await log.append(pool, [event(tenants[writer], number: writer * 1_000 + number)])
                            }
                        }
                    }
                    try await terminateSleeper(pool)
                    try await group.waitForAll()
                }
                // What the others wrote is read while it holds.
                #expect(try await log.first(writers * each).count == writers * each)
            }
            await #expect(throws: PostgresError.self) { try await killed.value }
            let acknowledged = (0..<writers).flatMap { writer in (0..<each).map { String(writer * 1_000 + $0) } } + ["-1"]
            let events = try await log.first(writers * each + 1)
            #expect(audit(events, acknowledged: acknowledged) == [])
        }
    }
}

@Test func aWriterThatHoldsItsTransactionDelaysOnlyItsOwnPartition() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let (held, free) = (tenant(in: 1), tenant(in: 2))
            var batches = log.batches().makeAsyncIterator()
            _ = try await batches.next()
            try await pool.transaction { holder in
                try await takePlace(in: 1, of: held, holder)
                let blocked = Task { try await log.append(pool, [event(held, number: 100)]) }
                // While it is held: other partitions are written, and read.
                for number in 0..<5 {
                    try await log.append(pool, [event(free, number: number)])
                    let batch = try await batches.next()
                    #expect(batch?.events.compactMap { $0.attributes["number"] } == ["\(number)"])
                }
                holder.afterCommit { blocked.cancel() }
                try await eventually {
                    try await pool.query(
                        """
                        select count(*) from pg_stat_activity
                        where wait_event_type = 'Lock' and datname = current_database()
                        """)[0].decode(Int.self) == 1
                }
            }
            // Afterwards what was held comes, in order.
            let batch = try await batches.next()
            #expect(batch?.events.first?.kind == "sample.held" && batch?.events.first?.position == 1)
        }
    }
}

@Test func aKilledWriterLosesNothingAndLeavesNoGap() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenantID = tenant(in: 5)
            try await log.append(pool, [event(tenantID, number: 1)])
            let killed = Task {
                try await pool.transaction(.init(attemptsMax: 1)) { transaction in
                    try await transaction.query("update sample.event_partition set position = position + 1 where partition = 5")
                    try await transaction.query("select pg_sleep(60)::text")
                }
            }
            try await terminateSleeper(pool)
            await #expect(throws: PostgresError.self) { try await killed.value }
            try await log.append(pool, [event(tenantID, number: 2)])
            let events = try await log.first(2)
            #expect(audit(events, acknowledged: ["1", "2"]) == [])
        }
    }
}

/// M4: a reader that remembers the highest number of a sequence. The audit that passes for the log fails for it.
@Test func M4_theAuditCatchesACursorByBigserial() async throws {
    try await withTestDatabase(migrating: sample) { database in
        let owner = PostgresPool(PostgresConfiguration(url: database.ownerURL), logger: .quiet)
        defer { owner.close() }
        try await owner.query("create table sample.wrong (id bigserial primary key, number text not null)")
        try await database.withPool { pool in
            var last: Int64 = 0
            var events: [Seen] = []
            func read() async throws {
                for row in try await pool.query("select id, number from sample.wrong where id > \(last) order by id") {
                    let (id, number) = try row.decode((Int64, String).self)
                    last = id
                    events.append(Seen(partition: 0, position: id, number: number))
                }
            }
            try await pool.transaction { slow in
                try await slow.query("insert into sample.wrong (number) values ('slow')")
                try await pool.query("insert into sample.wrong (number) values ('fast')")
                try await read()
            }
            try await read()
            #expect(audit(events, acknowledged: ["slow", "fast"]) == ["LOST slow", "ORDER in partition 0"])
        }
    }
}
