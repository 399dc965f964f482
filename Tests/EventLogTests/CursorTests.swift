import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import Testing

@Test(arguments: [
    "", "c1", "c1.", "c1.0", "c1.-1", "c2.1", "c1.1.", "c1.1.0-0", "c1.1.1s-1", "c1.1.0-1.0-2", "c1.1.1-1.0-1", "c1.1.0-01",
    "c1.1.0-1 ", "C1.1", "c1.1.0-A", "c1.1.0-zzzzzzzzzzzzzzzzzzzz", "c1.1.0--1", "c1.+1", String(repeating: "c", count: 5_000),
])
func whatNoLogGaveOutIsNoCursor(text: String) {
    #expect(Cursor(text) == nil)
}

@Test func theLongestCursorFits() {
    let text =
        "c1." + String(Int64.max, radix: 36)
        + (0..<64).map { "." + String($0, radix: 36) + "-" + String(Int64.max, radix: 36) }.joined()
    #expect(Cursor(text)?.description == text)
    #expect(text.utf8.count <= Cursor.textBytesMax)
}

@Test func tenantsKeepTheirPartitionForEver() {
    #expect(EventLog.partition(of: UUID(uuidString: "00000000-0000-0000-0000-000000000000")!) == 28)
    #expect(EventLog.partition(of: UUID(uuidString: "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")!) == 22)
    let counts = (0..<6_400).reduce(into: [Int: Int]()) { counts, _ in counts[EventLog.partition(of: UUID()), default: 0] += 1 }
    #expect(counts.count == 64 && counts.values.allSatisfy { (40...180).contains($0) })
}

@Test func aCursorOfAnOlderEpochIsOutOfRange() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            try await log.append(pool, [event(UUID())])
            let cursor = try await log.head()
            let owner = PostgresPool(PostgresConfiguration(url: database.ownerURL), logger: .quiet)
            defer { owner.close() }
            try await EventLog(owner).raiseEpoch()
            await #expect(throws: EventLogError.outOfRange) { try await log.first(1, after: cursor) }
            #expect(try await log.head() != cursor)
        }
    }
}

@Test func aCursorPastTheLogIsOutOfRange() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            await #expect(throws: EventLogError.outOfRange) { try await EventLog(pool).first(1, after: Cursor("c1.1.0-5")!) }
            try await pool.query("select 1")
        }
    }
}

@Test func whatIsPastRetentionIsDroppedAndItsCursorsAreOutOfRange() async throws {
    try await withTestDatabase(migrating: sample) { database in
        let owner = PostgresPool(PostgresConfiguration(url: database.ownerURL), logger: .quiet)
        defer { owner.close() }
        // A month long ago with three events of partition 3.
        try await owner.query(
            """
            create table sample.event_y2020m01 partition of sample.event
                for values from ('2020-01-01T00:00:00Z') to ('2020-02-01T00:00:00Z')
            """)
        let tenantID = tenant(in: 3)
        try await owner.query(
            """
            insert into sample.event (partition, position, record_time, tenant_id, kind, subject_id, time, attributes, payload)
            select 3, number, '2020-01-15T00:00:00Z', \(tenantID), 'sample.old', \(tenantID), '2020-01-15T00:00:00Z', '{}', ''
            from generate_series(1, 3) number
            """)
        try await owner.query("update sample.event_partition set position = 3 where partition = 3")
        try await database.withPool { pool in
            let log = EventLog(pool)
            let old = try await log.first(1)[0].cursor
            // The service's own role may do it, through the function alone.
            try await log.maintain()
            await #expect(throws: EventLogError.outOfRange) { try await log.first(1, after: old) }
            try await log.append(pool, [event(tenantID)])
            #expect(try await log.first(1).map(\.position) == [4])
            let months = try await pool.query(
                "select count(*) from pg_inherits where inhparent = 'sample.event'::regclass")[0].decode(Int.self)
            #expect(months == 4)
        }
    }
}

@Test func filtersLetThroughWhatTheySayAndMoveTheCursorOverTheRest() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let (mine, other) = (tenant(in: 9), tenant(in: 9))
            for number in 0..<10 {
                try await log.append(pool, [event(mine, "sample.a", number: number), event(other, "sample.b", number: number)])
            }
            let numbers = (0..<10).map(String.init)
            let byTenant = try await log.first(10, EventFilter(tenantID: mine))
            #expect(byTenant.compactMap { $0.attributes["number"] } == numbers && byTenant.allSatisfy { $0.tenantID == mine })
            let byKind = try await log.first(10, EventFilter(kinds: ["sample.b"]))
            #expect(byKind.compactMap { $0.attributes["number"] } == numbers && byKind.allSatisfy { $0.kind == "sample.b" })
            var nothing = log.batches(EventFilter(kinds: ["sample.none"])).makeAsyncIterator()
            let batch = try await nothing.next()
            let head = try await log.head()
            #expect(batch?.events.isEmpty == true && batch?.isLive == true && batch?.cursor == head)
            var elsewhere = log.batches(EventFilter(partitions: [1, 2])).makeAsyncIterator()
            let empty = try await elsewhere.next()
            #expect(empty?.events.isEmpty == true)
        }
    }
}

@Test func aStreamDroppedAfterEachOf2000EventsEndsInTheSameState() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenants = (0..<7).map { tenant(in: $0 * 9) }
            for chunk in 0..<20 {
                try await log.append(pool, (0..<100).map { event(tenants[$0 % 7], number: chunk * 100 + $0) })
            }
            let whole = try await log.first(2_000)
            #expect(audit(whole, acknowledged: (0..<2_000).map(String.init)) == [])
            var dropped: [Event] = []
            var cursor: Cursor?
            while dropped.count < 2_000 {
                // The cursor goes over a wire in between.
                for try await event in log.watch(after: cursor.map { Cursor($0.description)! }) {
                    dropped.append(event)
                    cursor = event.cursor
                    break
                }
            }
            #expect(audit(dropped, acknowledged: (0..<2_000).map(String.init)) == [])
            let head = try await log.head()
            #expect(cursor == head)
        }
    }
}
