internal import FoundationEssentials
internal import Postgres
internal import WallTime

/// A stretch of the log after the other, for ever.
package struct EventBatchSequence: AsyncSequence, Sendable {
    /// Events in one batch at most.
    package static let eventsMax = 512

    let log: EventLog
    let cursor: Cursor?
    let filter: EventFilter

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(log: log, start: cursor, filter: filter)
    }

    /// Looks at the counters, reads where they are ahead, and waits for a hint where they are not. Behind every hint, which
    /// may be lost, there is a poll.
    package struct AsyncIterator: AsyncIteratorProtocol {
        /// How long an event can go unseen when its hint is lost.
        static let pollInterval: Duration = .seconds(1)

        private let log: EventLog
        private let filter: EventFilter
        private let partitions: [Int]
        private let start: Cursor?
        private var cursor: Cursor?
        /// How far the counters were when last looked at.
        private var seen: [Int: Int64] = [:]
        /// The last event's record_time by partition: months before it need not be searched.
        private var since: [Int: Instant] = [:]
        private var isLive = false
        /// Grows with each batch: a stream that is soon dropped has read little in vain.
        private var batchSize = 8
        private var hints: AsyncStream<Void>.AsyncIterator?

        init(log: EventLog, start: Cursor?, filter: EventFilter) {
            self.log = log
            self.start = start
            self.filter = filter
            let wanted = filter.partitions.isEmpty ? Set(0..<EventLog.partitionCount) : filter.partitions
            let tenants = filter.tenantID.map { [EventLog.partition(of: $0)] }
            partitions = wanted.intersection(tenants ?? Array(wanted)).sorted()
        }

        package mutating func next() async throws -> EventBatch? {
            // Listen first, look then: what is committed in between is seen by one of the two.
            if hints == nil { hints = log.pool.listen(log.channel, atLeastEvery: Self.pollInterval).makeAsyncIterator() }
            while true {
                try Task.checkCancellation()
                if isBehind { return try await read() }
                try await look()
                if isBehind { continue }
                if !isLive {
                    isLive = true
                    return EventBatch(events: [], cursor: cursor!, isLive: true)
                }
                _ = await hints!.next()
            }
        }

        private var isBehind: Bool {
            guard let cursor else { return false }
            return seen.contains { cursor[$0.key] < $0.value }
        }

        private mutating func look() async throws {
            let counters = try await log.counters(of: partitions)
            let isFirst = cursor == nil
            for counter in counters {
                if cursor == nil { cursor = start ?? Cursor(epoch: counter.epoch) }
                guard cursor!.epoch == counter.epoch else { throw EventLogError.outOfRange }
                if isFirst, start == nil { cursor![counter.partition] = counter.retainedAfter }
                // Before what is retained, or past what there is: a restore nobody told the log of.
                guard cursor![counter.partition] >= counter.retainedAfter, cursor![counter.partition] <= counter.position else {
                    throw EventLogError.outOfRange
                }
                seen[counter.partition] = counter.position
            }
        }

        private mutating func read() async throws -> EventBatch {
            let behind = seen.filter { cursor![$0.key] < $0.value }.keys.sorted()
            let limit = Swift.max(1, batchSize / behind.count)
            batchSize = Swift.min(batchSize * 2, EventBatchSequence.eventsMax)
            let rows = try await log.pool.query(select(behind, limit: limit))
            var last: [Int: (count: Int, position: Int64)] = [:]
            var events: [Event] = []
            for row in rows {
                let (partition, position, recordTime, tenantID, kind, subjectID, time, attributes, payload) = try row.decode(
                    (Int, Int64, Instant, UUID, String, UUID, Instant, String, [UInt8]).self)
                last[partition] = (last[partition, default: (0, 0)].count + 1, position)
                since[partition] = recordTime
                cursor![partition] = position
                events.append(
                    Event(
                        cursor: cursor!, partition: partition, position: position, tenantID: tenantID, kind: kind,
                        subjectID: subjectID, time: time, attributes: try AttributesJSON.attributes(attributes),
                        payload: payload))
            }
            for partition in behind where (last[partition]?.count ?? 0) < limit {
                // Fewer than asked for: the rest up to the counter did not match.
                cursor![partition] = seen[partition]!
            }
            isLive = isLive || !isBehind
            return EventBatch(events: events, cursor: cursor!, isLive: !isBehind)
        }

        private func select(_ behind: some Collection<Int>, limit: Int) -> SQL {
            var conditions: [SQL] = ["event.position > place.after", "event.position <= place.upto"]
            if let tenantID = filter.tenantID { conditions.append("event.tenant_id = \(tenantID)") }
            if !filter.kinds.isEmpty { conditions.append("event.kind = any(\(filter.kinds.sorted()))") }
            return """
                select
                    found.partition, found.position, found.record_time, found.tenant_id, found.kind, found.subject_id,
                    found.time, found.attributes, found.payload
                from unnest(
                    \(behind.map { Int16($0) }), \(behind.map { cursor![$0] }), \(behind.map { seen[$0]! }),
                    \(behind.map { since[$0] ?? .unixEpoch })
                ) as place (partition, after, upto, since)
                cross join lateral (
                    select
                        event.partition, event.position, event.record_time, event.tenant_id, event.kind, event.subject_id,
                        event.time, event.attributes, event.payload
                    from \(identifier: log.schema).event
                    where event.partition = place.partition and event.record_time >= place.since
                        and \(fragment: .joined(conditions, by: " and "))
                    order by event.position
                    limit \(limit)
                ) found
                order by found.partition, found.position
                """
        }
    }
}

/// One event after the other, for ever.
package struct EventSequence: AsyncSequence, Sendable {
    let batches: EventBatchSequence

    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(batches: batches.makeAsyncIterator())
    }

    package struct AsyncIterator: AsyncIteratorProtocol {
        private var batches: EventBatchSequence.AsyncIterator
        private var events: ArraySlice<Event> = []

        init(batches: EventBatchSequence.AsyncIterator) {
            self.batches = batches
        }

        package mutating func next() async throws -> Event? {
            while events.isEmpty {
                guard let batch = try await batches.next() else { return nil }
                events = batch.events[...]
            }
            return events.removeFirst()
        }
    }
}
