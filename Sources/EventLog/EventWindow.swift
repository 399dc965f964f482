internal import FoundationEssentials

/// The newest stretch of a log, kept in memory for all streams of the process. For each partition it holds every event behind
/// `from` and up to `upto`.
struct EventWindow: Sendable {
    static let eventsMax = 4_096
    static let bytesMax = 4 << 20

    private var from: [Int64]
    private var upto: [Int64]
    /// In chunks, all of them full but the last: a stream reads a copy of the window while it grows, and what grows then is
    /// copied by the chunk.
    private var chunks: [[Event]] = []
    private static let chunkSize = 64
    /// How many events have left the window at its front, and the windows that were before it.
    private var dropped: Int
    private var bytes = 0

    /// An empty one that begins where the log ends. Streams keep their places: it counts on from the one before.
    init(at positions: [Int64], after old: EventWindow? = nil) {
        from = positions
        upto = positions
        dropped = old.map { $0.dropped + $0.count } ?? 0
    }

    func end(of partition: Int) -> Int64 { upto[partition] }

    /// Takes what follows its end, each partition in order.
    mutating func append(_ new: some Sequence<Event>) {
        for event in new {
            upto[event.partition] = event.position
            bytes += Self.size(of: event)
            keep(event)
        }
        trim()
    }

    private mutating func keep(_ event: Event) {
        if chunks.last.map({ $0.count == Self.chunkSize }) ?? true { chunks.append([]) }
        chunks[chunks.count - 1].append(event)
    }

    private var count: Int { chunks.last.map { (chunks.count - 1) * Self.chunkSize + $0.count } ?? 0 }

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
        for index in max(place.number - dropped, 0)..<count {
            guard found.count < limit else { return (found, false) }
            place.number = dropped + index + 1
            let event = chunks[index / Self.chunkSize][index % Self.chunkSize]
            guard wanted[event.partition], event.position > place.cursor[event.partition] else { continue }
            place.cursor[event.partition] = event.position
            guard filter.passes(event) else { continue }
            found.append(event)
            found[found.count - 1].cursor = place.cursor
        }
        for partition in partitions { place.cursor[partition] = max(place.cursor[partition], upto[partition]) }
        return (found, true)
    }

    /// Drops a quarter at a time, by the chunk, so that it is done seldom.
    private mutating func trim() {
        guard count > Self.eventsMax || bytes > Self.bytesMax else { return }
        var leaving = 0
        // What is left may be nothing, where the newest events are large.
        while leaving < chunks.count, isLarge(without: leaving) {
            for event in chunks[leaving] {
                from[event.partition] = event.position
                bytes -= Self.size(of: event)
            }
            dropped += chunks[leaving].count
            leaving += 1
        }
        chunks.removeFirst(leaving)
    }

    /// Whether there is more than three quarters of what there may be, were so many chunks gone.
    private func isLarge(without leaving: Int) -> Bool {
        count - leaving * Self.chunkSize > Self.eventsMax * 3 / 4 || bytes > Self.bytesMax * 3 / 4
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
