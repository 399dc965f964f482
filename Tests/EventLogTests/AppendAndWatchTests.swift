import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import Testing
import WallTime

@Test func eventsComeBackAsTheyWereWritten() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let written = NewEvent(
                tenantID: UUID(), kind: "sample.odd", subjectID: UUID(), time: Instant(microseconds: 1_234_567_890_123_456),
                attributes: ["state": "a \"quoted\" state", "empty": "", "ü": "\u{1F600}"], payload: [0, 255, 10])
            try await log.append(pool, [written])
            let read = try await log.first(1)[0]
            #expect(read.tenantID == written.tenantID && read.kind == written.kind && read.subjectID == written.subjectID)
            #expect(read.time == written.time && read.attributes == written.attributes && read.payload == written.payload)
            #expect(read.position == 1 && read.partition == EventLog.partition(of: written.tenantID))
            #expect(Cursor(read.cursor.description) == read.cursor)
        }
    }
}

@Test func aWatcherSeesWhatIsCommittedWhileItWaits() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let log = EventLog(pool)
            let tenantID = UUID()
            var batches = log.batches().makeAsyncIterator()
            #expect(try await batches.next()?.isLive == true)
            try await log.append(pool, [event(tenantID, number: 1)])
            #expect(try await batches.next()?.events.map(\.attributes) == [["number": "1"]])
        }
    }
}

@Test func aRolledBackTransactionLeavesNoEventAndNoGap() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            struct Refusal: Error {}
            let log = EventLog(pool)
            let tenantID = UUID()
            try await log.append(pool, [event(tenantID, number: 1)])
            await #expect(throws: Refusal.self) {
                try await pool.transaction { transaction in
                    try await log.append([event(tenantID, number: 2)], in: transaction)
                    throw Refusal()
                }
            }
            try await log.append(pool, [event(tenantID, number: 3)])
            let events = try await log.first(2)
            #expect(events.map(\.position) == [1, 2])
            #expect(events.map { $0.attributes["number"] } == ["1", "3"])
        }
    }
}
