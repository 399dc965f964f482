package import FoundationEssentials
package import Logging
package import Postgres
internal import ServiceLifecycle
internal import Synchronization

/// One step of another service's Watch, over whatever wire.
package enum ConsumedItem<RemoteEvent: Sendable>: Sendable {
    /// An event; the cursor stands behind it.
    case event(RemoteEvent, tenantID: UUID, cursor: String)
    /// Only the cursor moved: what it passed was filtered out.
    case progress(cursor: String)
}

/// One consumer's share of a log's partitions. The source may pass it on to the remote filter; the consumer drops what is
/// not its share anyhow.
package struct ConsumerShard: Sendable, Hashable {
    package let index: Int
    package let count: Int

    /// The partitions (0 to 63) of this share.
    package var partitions: Set<Int> { Set((0..<EventLog.partitionCount).filter { $0 % count == index }) }
}

/// Follows another service's log: each event is applied in a transaction that also stores the cursor, so that it takes
/// effect once however often it is delivered. Replicas share the work by leases on shards; a replica that lost its lease
/// finds another fencing token and changes nothing.
package struct EventConsumer<RemoteEvent: Sendable>: ServiceLifecycle.Service {
    package typealias Items = any AsyncSequence<ConsumedItem<RemoteEvent>, any Error>

    let name: String
    let shards: Int
    let lease: Duration
    let store: ConsumerStore
    let logger: Logger
    let source: @Sendable (ConsumerShard, String?) async throws -> Items
    let outOfRange: (@Sendable () async throws -> String?)?
    let apply: @Sendable (RemoteEvent, Transaction) async throws -> Void

    /// - Parameters:
    ///   - name: the consumer's own, such as "orders.timeline"; its cursors are kept under it.
    ///   - shards: how many replicas can share the work, 1 to 64, never changed afterwards; with 1 one works and the others
    ///     stand by.
    ///   - lease: after this long without a sign of life another replica takes a shard over.
    ///   - source: opens the remote Watch after a cursor (`nil`: from the oldest retained). It throws
    ///     `EventLogError.outOfRange` where the remote answers OUT_OF_RANGE.
    ///   - outOfRange: reads the remote state anew and answers with the cursor to go on from, taken before reading. Without
    ///     it the consumer stops at such a cursor and says so in the log.
    ///   - apply: the effect, under the event's tenant. It runs again when its transaction does.
    package init(
        name: String, schema: String, pool: PostgresPool, shards: Int = 1, lease: Duration = .seconds(15), logger: Logger,
        source: @escaping @Sendable (ConsumerShard, String?) async throws -> Items,
        outOfRange: (@Sendable () async throws -> String?)? = nil,
        apply: @escaping @Sendable (RemoteEvent, Transaction) async throws -> Void
    ) {
        precondition((1...EventLog.partitionCount).contains(shards))
        self.name = name
        self.shards = shards
        self.lease = lease
        self.store = ConsumerStore(consumer: name, schema: schema, pool: pool)
        var logger = logger
        logger[metadataKey: "consumer"] = "\(name)"
        self.logger = logger
        self.source = source
        self.outOfRange = outOfRange
        self.apply = apply
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                for index in 0..<shards {
                    group.addTask { await follow(ConsumerShard(index: index, count: shards)) }
                }
            }
        }
    }

    /// Whether all that a cursor of the remote log covers has been applied, by whichever replica.
    package func hasCaughtUp(with head: String) async throws -> Bool {
        guard let head = Cursor(head) else { throw EventLogError.malformedCursor }
        let cursors = try await store.cursors()
        return (0..<shards).allSatisfy { index in
            let partitions = ConsumerShard(index: index, count: shards).partitions
            guard let cursor = cursors[index].flatMap({ Cursor($0) }) else {
                return partitions.allSatisfy { head[$0] == 0 }
            }
            return cursor.covers(head, partitions: partitions)
        }
    }

    // MARK: - One shard

    private func follow(_ shard: ConsumerShard) async {
        let progress = Progress()
        while !Task.isCancelled {
            do {
                guard let lease = try await store.acquire(shard.index, for: lease) else {
                    // Another replica has it: look again in a while.
                    try await Task.sleep(for: self.lease / 3 * Double.random(in: 0.5...1))
                    continue
                }
                // Counted beforehand: a source that ends without having brought anything is a failure too.
                progress.failed()
                try await work(on: shard, lease) { progress.made() }
            } catch is CancellationError where Task.isCancelled {
                return
            } catch EventLogError.outOfRange {
                await recover(shard)
            } catch is LeaseLost {
                logger.info("another replica took over", metadata: ["shard": "\(shard.index)"])
            } catch {
                if progress.failures == 0 { progress.failed() }
                logger.warning("consumer interrupted", metadata: ["shard": "\(shard.index)", "error": "\(error)"])
            }
            try? await Task.sleep(for: Backoff.pause(afterFailures: progress.failures))
        }
    }

    /// Applies events until the source ends or the lease is lost; the lease is renewed beside it.
    private func work(on shard: ConsumerShard, _ held: ConsumerLease, progressed: @escaping @Sendable () -> Void) async throws {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await item in try await source(shard, held.cursor) {
                        try Task.checkCancellation()
                        try await handle(item, shard, held)
                        progressed()
                    }
                }
                group.addTask {
                    while true {
                        try await Task.sleep(for: lease / 3)
                        guard try await store.renew(held, for: lease) else { throw LeaseLost() }
                    }
                }
                defer { group.cancelAll() }
                try await group.next()
            }
        } catch {
            await release(held)
            throw error
        }
        await release(held)
    }

    /// In a task that is not cancelled, so that at shutdown another replica need not wait for the lease to run out.
    private func release(_ held: ConsumerLease) async {
        await Task { try? await store.release(held) }.value
    }

    private func handle(_ item: ConsumedItem<RemoteEvent>, _ shard: ConsumerShard, _ held: ConsumerLease) async throws {
        switch item {
        case .progress(let cursor):
            try await store.advance(held, to: cursor)
        case .event(let event, let tenantID, let cursor):
            guard shard.partitions.contains(EventLog.partition(of: tenantID)) else { return }
            try await store.transaction(held, tenantID: tenantID, cursor: cursor) { transaction in
                try await apply(event, transaction)
            }
        }
    }

    private func recover(_ shard: ConsumerShard) async {
        guard let outOfRange else {
            logger.error("the remote log does not know the cursor any more", metadata: ["shard": "\(shard.index)"])
            return
        }
        do {
            try await store.restart(shard.index, from: try await outOfRange())
        } catch {
            logger.warning("could not start anew", metadata: ["shard": "\(shard.index)", "error": "\(error)"])
        }
    }
}

/// Failures since the last event that was applied.
private final class Progress: Sendable {
    private let count = Mutex(0)

    var failures: Int { count.withLock { $0 } }
    func failed() { count.withLock { $0 += 1 } }
    func made() { count.withLock { $0 = 0 } }
}

/// Another replica holds the lease by now: what was under way is rolled back.
struct LeaseLost: Error {}

/// Pauses between failures: from 50 ms doubling to 10 s, each shortened by chance down to half.
enum Backoff {
    static func pause(afterFailures failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        let longest = min(10_000, 50 << min(failures - 1, 8))
        return .milliseconds(Int.random(in: longest / 2...longest))
    }
}
