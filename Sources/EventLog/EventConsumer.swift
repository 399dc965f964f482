package import Logging
package import Postgres
import ServiceLifecycle

/// An event of another service's log as its consumer gets it, over whatever wire.
package protocol ConsumedEvent: Sendable {
    /// The remote log's cursor after this event.
    var consumedCursor: String { get }
}

/// Follows another service's log: each event is applied in a transaction that also stores the cursor.
package struct EventConsumer<RemoteEvent: ConsumedEvent>: ServiceLifecycle.Service {
    /// - Parameters:
    ///   - name: the consumer's own, such as "conversations.timeline"; its cursor is kept under it.
    ///   - shards: how many replicas can share the work; 1 means that one works and the others stand by.
    ///   - source: opens the remote Watch after a cursor, for one shard.
    ///   - apply: the effect, in the transaction. It may run again after a rollback.
    package init(
        name: String, schema: String, pool: PostgresPool, shards: Int = 1, logger: Logger,
        source: @escaping @Sendable (ConsumerShard, String?) async throws -> any AsyncSequence<RemoteEvent, any Error> & Sendable,
        apply: @escaping @Sendable (RemoteEvent, Transaction) async throws -> Void
    ) {}

    package func run() async throws {}
}

/// One consumer's share of a log's partitions.
package struct ConsumerShard: Sendable, Hashable {
    package var index: Int
    package var count: Int
    /// The partitions of this share.
    package var partitions: Set<Int> { Set((0..<EventLog.partitionCount).filter { $0 % count == index }) }
}
