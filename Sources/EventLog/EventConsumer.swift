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

/// Follows another service's log: events are applied in transactions that also store the cursor, so that each takes effect
/// once however often it is delivered. What arrives while one transaction commits is the next one's batch: nothing waits
/// for a batch to fill, and a backlog costs few commits. Replicas share the work by leases on shards; a replica that lost its lease
/// finds another fencing token and changes nothing.
package struct EventConsumer<RemoteEvent: Sendable>: ServiceLifecycle.Service {
    package typealias Items = any AsyncSequence<ConsumedItem<RemoteEvent>, any Error>

    package let name: String
    let shards: Int
    let lease: Duration
    let batchMax: Int
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
    ///   - batchMax: events in one transaction at most.
    ///   - source: opens the remote Watch after a cursor (`nil`: from the oldest retained). It throws
    ///     `EventLogError.outOfRange` where the remote answers OUT_OF_RANGE.
    ///   - outOfRange: reads the remote state anew and answers with the cursor to go on from, taken before reading. Without
    ///     it the consumer stops at such a cursor and says so in the log.
    ///   - apply: the effect, under the event's tenant. It runs again when its transaction does.
    package init(
        name: String, schema: String, pool: PostgresPool, shards: Int = 1, lease: Duration = .seconds(15),
        batchMax: Int = defaultBatchMax, logger: Logger,
        source: @escaping @Sendable (ConsumerShard, String?) async throws -> Items,
        outOfRange: (@Sendable () async throws -> String?)? = nil,
        apply: @escaping @Sendable (RemoteEvent, Transaction) async throws -> Void
    ) {
        precondition((1...EventLog.partitionCount).contains(shards) && batchMax > 0)
        self.name = name
        self.shards = shards
        self.lease = lease
        self.batchMax = batchMax
        self.store = ConsumerStore(consumer: name, schema: schema, pool: pool)
        var logger = logger
        logger[metadataKey: "consumer"] = "\(name)"
        self.logger = logger
        self.source = source
        self.outOfRange = outOfRange
        self.apply = apply
    }

    /// Enough to make the commit cheap, few enough to keep its locks short.
    package static var defaultBatchMax: Int { 64 }

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
        var last: ConsumerLease?
        while !Task.isCancelled {
            do {
                guard let lease = try await store.acquire(shard.index, for: lease, after: last) else {
                    // Another replica has it: look again in a while.
                    try await Task.sleep(for: self.lease / 3 * Double.random(in: 0.5...1))
                    continue
                }
                last = lease
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
            // What a child answers says whether the work is over.
            try await withThrowingTaskGroup(of: Bool.self) { group in
                let items = ItemBuffer<ConsumedItem<RemoteEvent>>(countMax: 2 * batchMax)
                group.addTask {
                    await fill(items, shard, held)
                    return false
                }
                group.addTask {
                    while let batch = try await items.take(batchMax) {
                        try await handle(batch, shard, held)
                        progressed()
                    }
                    return true
                }
                group.addTask { try await Lease.keep(for: lease) { try await store.renew(held, for: lease) } }
                defer { group.cancelAll() }
                while try await group.next() == false {}
            }
        } catch {
            await release(held)
            throw error
        }
        await release(held)
    }

    /// Reads ahead; whoever takes the items is told how the source ended once it has them all.
    private func fill(_ items: ItemBuffer<ConsumedItem<RemoteEvent>>, _ shard: ConsumerShard, _ held: ConsumerLease) async {
        do {
            for try await item in try await source(shard, held.cursor) { try await items.put(item) }
            items.end()
        } catch {
            items.end(throwing: error)
        }
    }

    /// In a task that is not cancelled, so that at shutdown another replica need not wait for the lease to run out.
    private func release(_ held: ConsumerLease) async {
        await Task { try? await store.release(held) }.value
    }

    /// Applies a batch in one transaction. One that fails is applied event by event, so that those before the one to blame
    /// take effect.
    private func handle(_ items: [ConsumedItem<RemoteEvent>], _ shard: ConsumerShard, _ held: ConsumerLease) async throws {
        do {
            try await applyTogether(items, shard, held)
        } catch let error where items.count > 1 && !(error is LeaseLost) && !(error is CancellationError) {
            for item in items { try await applyTogether([item], shard, held) }
        }
    }

    private func applyTogether(
        _ items: [ConsumedItem<RemoteEvent>], _ shard: ConsumerShard, _ held: ConsumerLease
    ) async throws {
        let batch = ConsumedBatch(items, partitions: shard.partitions)
        guard let cursor = batch.cursor else { return }
        guard !batch.events.isEmpty else { return try await store.advance(held, to: cursor) }
        try await store.transaction(held, cursor: cursor) { transaction in
            var current: UUID?
            for (event, tenantID) in batch.events {
                if tenantID != current { try await transaction.query(Self.enter(tenantID)) }
                current = tenantID
                try await apply(event, transaction)
            }
        }
    }

    /// What follows runs under this tenant, until the transaction ends.
    private static func enter(_ tenantID: UUID) -> SQL {
        "select set_config('switchboard.tenant_id', \(tenantID.uuidString.lowercased()), true)"
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

/// What a share of a stretch of the log asks for: its events, and how far the stretch goes.
private struct ConsumedBatch<RemoteEvent: Sendable> {
    var events: [(event: RemoteEvent, tenantID: UUID)] = []
    /// `nil` where nothing in the stretch is of this share.
    var cursor: String?

    init(_ items: [ConsumedItem<RemoteEvent>], partitions: Set<Int>) {
        for item in items {
            switch item {
            case .progress(let cursor):
                self.cursor = cursor
            case .event(let event, let tenantID, let cursor):
                guard partitions.contains(EventLog.partition(of: tenantID)) else { continue }
                events.append((event, tenantID))
                self.cursor = cursor
            }
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

/// Pauses between failures: from 50 ms doubling to 2 s, each shortened by chance down to half. No longer, so that work goes on
/// soon after a database or a peer is back.
enum Backoff {
    static func pause(afterFailures failures: Int) -> Duration {
        guard failures > 0 else { return .zero }
        let longest = min(2_000, 50 << min(failures - 1, 6))
        return .milliseconds(Int.random(in: longest / 2...longest))
    }
}
