package import FoundationEssentials
package import Logging
package import Postgres

/// An append-only log of events in one service's schema, in 64 partitions by tenant, read by cursor.
///
/// A sequence is no commit order: who remembers the highest number skips rows that commit late. Here a position is taken
/// from the partition's counter row in the last statement before COMMIT; the row stays locked until then, so positions are
/// gapless and in the order of commits, and only appends to the same partition wait for each other.
package struct EventLog: Sendable {
    package static let partitionCount = Cursor.partitionCount
    /// Attributes and payload of one event together, in bytes.
    package static let eventBytesMax = 8_192
    package static let kindBytesMax = 100
    /// Events are kept this long at least, by whole months.
    package static let retention: Duration = .seconds(400 * 86_400)

    package let schema: String
    let pool: PostgresPool
    let logger: Logger
    let metrics: EventLogMetrics
    /// Shared by all streams of this value and its copies.
    let tail: EventTail
    /// The trace that is running.
    let traceparent: @Sendable () -> String?

    /// - Parameters:
    ///   - pollInterval: how long an event can go unseen when its hint is lost.
    ///   - traceparent: the trace (W3C Trace Context) that the task which appends works in; its events carry it on.
    package init(
        schema: String, pool: PostgresPool, pollInterval: Duration = .seconds(1), logger: Logger,
        traceparent: @escaping @Sendable () -> String? = { nil }
    ) {
        self.schema = schema
        self.pool = pool
        self.logger = logger
        metrics = EventLogMetrics(log: schema)
        tail = EventTail(
            EventReader(schema: schema, pool: pool), pollInterval: pollInterval, logger: logger, metrics: metrics)
        self.traceparent = traceparent
    }

    /// The steps that build the log, the request records and the jobs; a service puts them before its own.
    package static let migrationSteps = [
        Migrations.Step("event_log/0001_event_log", PackageResources._001_event_log_sql)
    ]

    var reader: EventReader { tail.reader }

    /// The hint "look at the log" in this database.
    var channel: String { reader.channel }

    /// The partition of a tenant's events, the same in every service and for ever: FNV-1a of the id's bytes, folded.
    package static func partition(of tenantID: UUID) -> Int {
        let hash = withUnsafeBytes(of: tenantID.uuid) { bytes in
            bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        }
        return Int((hash ^ hash >> 32) % UInt64(partitionCount))
    }

    /// Events after a cursor (`nil`: from the oldest retained), first those already there, then each as it is committed:
    /// without gaps, and in order within a partition. Ends only by cancellation or by throwing. However many streams there
    /// are, one reader follows the log for all of them once they have caught up (`EventTail`).
    /// - Throws: while iterating, `EventLogError.outOfRange`, or `PostgresError`; resume after the last event's cursor then.
    package func watch(after cursor: Cursor? = nil, _ filter: EventFilter = EventFilter()) -> EventSequence {
        EventSequence(batches: batches(after: cursor, filter))
    }

    /// The same by batches of up to `EventBatchSequence.eventsMax`: for joining rows in one statement per batch, and for
    /// handing on a cursor while nothing matches. The first batch that is live comes even when it is empty.
    package func batches(after cursor: Cursor? = nil, _ filter: EventFilter = EventFilter()) -> EventBatchSequence {
        EventBatchSequence(log: self, cursor: cursor, filter: filter)
    }

    /// The place behind the last committed event.
    package func head() async throws -> Cursor {
        var cursor = Cursor(epoch: 0)
        for counter in try await reader.counters() {
            cursor.epoch = counter.epoch
            cursor[counter.partition] = counter.position
        }
        return cursor
    }
}
