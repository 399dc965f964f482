internal import Synchronization
package import FoundationEssentials

/// What is read beside the events of one log, once for all streams of the process: of a thousand streams that hear of the same
/// events, one reads, and the others wait for what it finds.
///
/// What was read is kept for so short a time that it serves the streams that are at the same place, and no later one: whoever
/// resumes behind an old cursor reads anew. It is never older than the event it stands beside.
package final class EventJoin<Joined: Sendable>: Sendable {
    /// - Returns: what stands beside each of the events, in their order; `nil` for one that nobody is to hear of.
    package typealias Read = @Sendable (_ tenantID: UUID, _ events: [Event]) async throws -> [Joined?]

    private struct Place: Hashable, Sendable {
        var epoch: Int64
        var partition: Int
        var position: Int64

        init(_ event: Event) {
            (epoch, partition, position) = (event.cursor.epoch, event.partition, event.position)
        }
    }

    private struct Batch: Sendable {
        var number: Int
        var begun: ContinuousClock.Instant
        var places: [Place]
        var rows: Task<[Place: Joined], any Error>
    }

    private struct State {
        var batches: [Place: Batch] = [:]
        /// The oldest first.
        var kept: [Batch] = []
        var lastNumber = 0

        mutating func forget(_ batch: Batch) {
            for place in batch.places where batches[place]?.number == batch.number { batches[place] = nil }
            kept.removeAll { $0.number == batch.number }
        }
    }

    private let lifetime: Duration
    private let state = Mutex(State())

    /// - Parameter lifetime: how long what was read may serve another stream.
    package init(keptFor lifetime: Duration = .seconds(1)) {
        self.lifetime = lifetime
    }

    /// - Parameters:
    ///   - events: of any tenants, in any order.
    ///   - read: asked for the events that nobody has asked for lately, tenant by tenant.
    /// - Returns: what stands beside each of the events, in their order.
    package func joined(_ events: [Event], _ read: @escaping Read) async throws -> [Joined?] {
        let batches = state.withLock { state in
            let now = ContinuousClock.now
            while let oldest = state.kept.first, oldest.begun + lifetime <= now { state.forget(oldest) }
            let missing = events.filter { state.batches[Place($0)] == nil }
            for (tenantID, events) in Dictionary(grouping: missing, by: \.tenantID) {
                state.lastNumber += 1
                let places = events.map(Place.init)
                // Owned by all streams: one that ends does not take it from the others.
                let rows = Task.detached {
                    let found = zip(places, try await read(tenantID, events))
                    return Dictionary(found.compactMap { place, row in row.map { (place, $0) } }) { first, _ in first }
                }
                let batch = Batch(number: state.lastNumber, begun: now, places: places, rows: rows)
                for place in places { state.batches[place] = batch }
                state.kept.append(batch)
            }
            return events.map { state.batches[Place($0)]! }
        }
        var rows: [Int: [Place: Joined]] = [:]
        var joined: [Joined?] = []
        for (event, batch) in zip(events, batches) {
            if rows[batch.number] == nil { rows[batch.number] = try await found(batch) }
            joined.append(rows[batch.number]![Place(event)])
        }
        return joined
    }

    /// What failed is not kept: the next stream tries again.
    private func found(_ batch: Batch) async throws -> [Place: Joined] {
        do {
            return try await batch.rows.value
        } catch {
            state.withLock { $0.forget(batch) }
            throw error
        }
    }
}
