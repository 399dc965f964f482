import EventLog
import FoundationEssentials
import Postgres
import PostgresTesting
import Synchronization
import Testing

/// One read for all streams that hear of the same events.
@Suite("A join shared by streams")
struct EventJoinTests {
    private final class Reads: Sendable {
        let counts = Mutex([String: Int]())
        let failures = Mutex(0)

        var all: [String: Int] { counts.withLock { $0 } }

        func read(_ tenantID: UUID, _ events: [Event]) throws -> [String?] {
            struct Away: Error {}
            let fails = failures.withLock { left in
                left -= 1
                return left >= 0
            }
            if fails { throw Away() }
            counts.withLock { counts in
                for event in events { counts[event.kind, default: 0] += 1 }
            }
            return events.map { $0.kind == "order.hidden" ? nil : "\($0.kind) of \($0.tenantID)" }
        }
    }

    private func withEvents(_ kinds: [String], _ body: ([Event]) async throws -> Void) async throws {
        try await withTestDatabase(migrating: sample) { database in
            try await database.withPool { pool in
                let log = EventLog(pool)
                let tenants = [UUID(), UUID()]
                for (index, kind) in kinds.enumerated() { try await log.append(pool, [event(tenants[index % 2], kind)]) }
                try await body(try await log.first(kinds.count))
            }
        }
    }

    @Test func aThousandStreamsReadOnce() async throws {
        let kinds = ["order.opened", "order.hidden", "order.closed"]
        try await withEvents(kinds) { events in
            let (join, reads) = (EventJoin<String>(keptFor: .seconds(600)), Reads())
            try await withThrowingTaskGroup(of: Void.self) { group in
                for count in 0..<1_000 {
                    group.addTask {
                        // Each stream at a place of its own.
                        let own = Array(events.prefix(count % events.count + 1))
                        let rows = try await join.joined(own) { try reads.read($0, $1) }
                        #expect(rows == own.map { $0.kind == "order.hidden" ? nil : "\($0.kind) of \($0.tenantID)" })
                    }
                }
                try await group.waitForAll()
            }
            #expect(reads.all == Dictionary(uniqueKeysWithValues: kinds.map { ($0, 1) }))
        }
    }

    @Test func whatFailedIsReadAgainAndWhatIsOldToo() async throws {
        try await withEvents(["order.opened"]) { events in
            let (join, reads) = (EventJoin<String>(keptFor: .seconds(600)), Reads())
            reads.failures.withLock { $0 = 1 }
            await #expect(throws: (any Error).self) { _ = try await join.joined(events) { try reads.read($0, $1) } }
            #expect(try await join.joined(events) { try reads.read($0, $1) }.count == 1)
            #expect(reads.all == ["order.opened": 1])

            let brief = EventJoin<String>(keptFor: .zero)
            for _ in 0..<3 { _ = try await brief.joined(events) { try reads.read($0, $1) } }
            #expect(reads.all == ["order.opened": 4])
        }
    }
}
