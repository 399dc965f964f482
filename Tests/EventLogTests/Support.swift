import EventLog
import FoundationEssentials
import Logging
import Postgres
import PostgresTesting
import Synchronization
import WallTime

/// A service's schema with the log and one table of effects.
let sample = Migrations(
    schema: "sample",
    EventLog.migrationSteps + [
        .init(
            "0001_sample",
            """
            create table effect (
                tenant_id uuid not null,
                event text not null,
                count integer not null default 1,
                constraint effect_key primary key (tenant_id, event)
            );
            alter table effect enable row level security;
            alter table effect force row level security;
            create policy effect_tenant on effect
                using (tenant_id = nullif(current_setting('switchboard.tenant_id', true), '')::uuid);
            """)
    ])

func event(_ tenantID: UUID, _ kind: String = "sample.happened", number: Int = 0) -> NewEvent {
    NewEvent(
        tenantID: tenantID, kind: kind, subjectID: UUID(), time: Instant(milliseconds: 1_700_000_000_000),
        attributes: ["number": "\(number)"])
}

/// A tenant whose events lie in a partition.
func tenant(in partition: Int) -> UUID {
    while true {
        let candidate = UUID()
        if EventLog.partition(of: candidate) == partition { return candidate }
    }
}

extension EventLog {
    init(_ pool: PostgresPool) {
        self.init(schema: "sample", pool: pool, logger: .quiet)
    }

    /// Appends in a transaction of its own.
    func append(_ pool: PostgresPool, _ events: [NewEvent]) async throws {
        try await pool.transaction { try await append(events, in: $0) }
    }

    /// The next events, as many as asked for.
    func first(_ count: Int, after cursor: Cursor? = nil, _ filter: EventFilter = EventFilter()) async throws -> [Event] {
        var events: [Event] = []
        for try await event in watch(after: cursor, filter) {
            events.append(event)
            if events.count == count { break }
        }
        return events
    }
}

/// Numbers, one after the other, from any task.
final class Counted: Sendable {
    private let count = Atomic<Int>(0)

    var value: Int { count.load(ordering: .sequentiallyConsistent) }
    func next() -> Int { count.add(1, ordering: .sequentiallyConsistent).oldValue }
}
