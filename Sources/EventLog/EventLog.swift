package import FoundationEssentials
package import Logging
package import Postgres

/// An append-only log of events in one service's schema, in 64 partitions by tenant, read by cursor.
package struct EventLog: Sendable {
    /// Attributes and payload of one event together, in bytes.
    package static let eventBytesMax = 8_192
    package static let partitionCount = 64

    package let schema: String

    package init(schema: String, pool: PostgresPool, logger: Logger) {
        self.schema = schema
    }

    /// The steps that build the log, the request records and the jobs; a service puts them before its own.
    package static let migrationSteps: [Migrations.Step] = []

    /// Appends events to the transaction's end: they are sent in one statement together with COMMIT, so the partition's
    /// counter is locked for the shortest time. May be called several times; the order of calls is kept.
    package func append(_ events: [NewEvent], in transaction: Transaction) async throws {}

    /// Events after a cursor (`nil`: from the oldest retained), first those already there, then each as it is committed:
    /// without gaps, and in order within a partition. Ends only by cancellation or by throwing.
    package func watch(after cursor: Cursor? = nil, _ filter: EventFilter = EventFilter()) -> EventSequence { EventSequence() }

    /// The same by batches: for joining rows in one statement per batch, and for handing on a cursor while nothing matches.
    package func batches(after cursor: Cursor? = nil, _ filter: EventFilter = EventFilter()) -> EventBatchSequence {
        EventBatchSequence()
    }

    /// The place behind the last committed event.
    package func head() async throws -> Cursor { fatalError("skeleton") }

    /// Makes and drops months, and purges expired request records, until cancelled.
    package func run() async throws {}

    /// The partition of a tenant's events, the same in every service.
    package static func partition(of tenantID: UUID) -> Int { 0 }
}

package struct EventSequence: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        package mutating func next() async throws -> Event? { nil }
    }
    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}

package struct EventBatchSequence: AsyncSequence, Sendable {
    package struct AsyncIterator: AsyncIteratorProtocol {
        package mutating func next() async throws -> EventBatch? { nil }
    }
    package func makeAsyncIterator() -> AsyncIterator { AsyncIterator() }
}
