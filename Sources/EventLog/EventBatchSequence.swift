internal import FoundationEssentials
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

    /// Replays from the log where the cursor is old, and takes what is new from the tail that all streams share.
    package struct AsyncIterator: AsyncIteratorProtocol {
        private let log: EventLog
        private let filter: EventFilter
        private let partitions: [Int]
        private let start: Cursor?
        private var membership: EventTail.Membership?
        /// How the log was when last looked at, and where this stream is; `nil` before the first look.
        private var view: EventTail.View?
        private var place: EventWindow.Place?
        /// The last event's record_time by partition: months before it need not be searched.
        private var since: [Int: Instant] = [:]
        private var isLive = false
        /// Grows with each batch: a stream that is soon dropped has read little in vain.
        private var batchSize = 8

        init(log: EventLog, start: Cursor?, filter: EventFilter) {
            self.log = log
            self.start = start
            self.filter = filter
            let wanted = filter.partitions.isEmpty ? Set(0..<EventLog.partitionCount) : filter.partitions
            let tenants = filter.tenantID.map { [EventLog.partition(of: $0)] }
            partitions = wanted.intersection(tenants ?? Array(wanted)).sorted()
        }

        package mutating func next() async throws -> EventBatch? {
            if membership == nil { membership = log.tail.join() }
            if view == nil { try admit(try await log.tail.look()) }
            while true {
                try Task.checkCancellation()
                if !behind.isEmpty { return try await read() }
                if !isLive {
                    isLive = true
                    return EventBatch(events: [], cursor: place!.cursor, isLive: true)
                }
                try admit(try await log.tail.change(since: view!.version))
            }
        }

        /// The partitions in which there is more than this stream has seen.
        private var behind: [EventReader.Counter] {
            guard let view, let cursor = place?.cursor else { return [] }
            return partitions.map { view.counters[$0] }.filter { cursor[$0.partition] < $0.position }
        }

        /// Goes on by what a look has shown, if it still knows the cursor.
        private mutating func admit(_ view: EventTail.View) throws {
            let epoch = view.counters[0].epoch
            if place == nil {
                place = EventWindow.Place(cursor: start ?? Cursor(epoch: epoch))
                if start == nil {
                    for partition in partitions { place!.cursor[partition] = view.counters[partition].retainedAfter }
                }
            }
            let cursor = place!.cursor
            guard cursor.epoch == epoch else { throw EventLogError.outOfRange }
            for counter in partitions.map({ view.counters[$0] }) {
                // Before what is retained, or past what there is: a restore nobody told the log of.
                guard cursor[counter.partition] >= counter.retainedAfter, cursor[counter.partition] <= counter.position else {
                    throw EventLogError.outOfRange
                }
            }
            self.view = view
        }

        private mutating func read() async throws -> EventBatch {
            if let (events, isEnd) = log.tail.read(&place!, partitions, filter, limit: EventBatchSequence.eventsMax) {
                isLive = isLive || isEnd
                return EventBatch(events: events, cursor: place!.cursor, isLive: isEnd)
            }
            return try await replay()
        }

        private mutating func replay() async throws -> EventBatch {
            log.metrics.replays.increment()
            let stretches = behind.map {
                EventReader.Stretch(
                    partition: $0.partition, after: place!.cursor[$0.partition], upto: $0.position,
                    since: since[$0.partition] ?? .unixEpoch)
            }
            let limit = Swift.max(1, batchSize / stretches.count)
            batchSize = Swift.min(batchSize * 2, EventBatchSequence.eventsMax)
            let found = try await log.reader.events(in: stretches, filter, limit: limit)
            var counts: [Int: Int] = [:]
            let events = found.map { found in
                var event = found.event
                counts[event.partition, default: 0] += 1
                since[event.partition] = found.recordTime
                place!.cursor[event.partition] = event.position
                event.cursor = place!.cursor
                return event
            }
            for stretch in stretches where counts[stretch.partition, default: 0] < limit {
                // Fewer than asked for: the rest up to the counter did not match.
                place!.cursor[stretch.partition] = stretch.upto
            }
            let isEnd = behind.isEmpty
            isLive = isLive || isEnd
            return EventBatch(events: events, cursor: place!.cursor, isLive: isEnd)
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
