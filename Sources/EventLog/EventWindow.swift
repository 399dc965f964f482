internal import FoundationEssentials

/// The newest stretch of a log, kept in memory for all streams of the process. For each partition it holds every event behind
/// `from` and up to `upto`.
struct EventWindow: Sendable {
    static let eventsMax = 4_096
    static let bytesMax = 4 << 20

    private var from: [Int64]
    private var upto: [Int64]
    private var events: [Event] = []
    /// How many events have left the window at its front.
    private var dropped = 0
    private var bytes = 0

    /// An empty one that begins where the log ends.
    init(at positions: [Int64]) {
        from = positions
        upto = positions
    }

    func end(of partition: Int) -> Int64 { upto[partition] }

    /// Takes what follows its end, each partition in order.
    mutating func append(_ new: some Sequence<Event>) {
        for event in new {
            upto[event.partition] = event.position
            bytes += Self.size(of: event)
            events.append(event)
        }
        trim()
    }

    /// A stream's way through the window.
    struct Place: Sendable {
        var cursor: Cursor
        /// Every event with a lower number lies at or before the cursor, or was left out by the filter.
        var number = 0
    }

    /// Moves a stream forward by up to `limit` events that pass its filter, or to the window's end.
    /// - Returns: `nil` where the window begins too late for it; the log itself has to be read then.
    func read(_ place: inout Place, _ partitions: [Int], _ filter: EventFilter, limit: Int) -> (events: [Event], isEnd: Bool)? {
        guard partitions.allSatisfy({ place.cursor[$0] >= from[$0] }) else { return nil }
        var found: [Event] = []
        var wanted = Array(repeating: false, count: EventLog.partitionCount)
        for partition in partitions { wanted[partition] = true }
        for index in max(place.number - dropped, 0)..<events.count {
            guard found.count < limit else { return (found, false) }
            place.number = dropped + index + 1
            let event = events[index]
            guard wanted[event.partition], event.position > place.cursor[event.partition] else { continue }
            place.cursor[event.partition] = event.position
            guard filter.passes(event) else { continue }
            found.append(event)
            found[found.count - 1].cursor = place.cursor
        }
        for partition in partitions { place.cursor[partition] = max(place.cursor[partition], upto[partition]) }
        return (found, true)
    }

    /// Drops a quarter at a time, so that it is done seldom.
    private mutating func trim() {
        guard events.count > Self.eventsMax || bytes > Self.bytesMax else { return }
        var count = 0
        while events.count - count > Self.eventsMax * 3 / 4 || bytes > Self.bytesMax * 3 / 4 {
            from[events[count].partition] = events[count].position
            bytes -= Self.size(of: events[count])
            count += 1
        }
        events.removeFirst(count)
        dropped += count
    }

    /// What an event takes, about.
    private static func size(of event: Event) -> Int {
        event.attributes.reduce(256 + event.payload.count) { $0 + $1.key.utf8.count + $1.value.utf8.count + 32 }
    }
}

extension EventFilter {
    /// Whether an event is of the tenant and the kinds that are wanted; partitions are looked at elsewhere.
    func passes(_ event: Event) -> Bool {
        (tenantID == nil || tenantID == event.tenantID) && (kinds.isEmpty || kinds.contains(event.kind))
    }
}
