/// The pool's book-keeping: who holds what, who waits. Pure; its methods say what is to be done.
struct ConnectionStock<Connection: AnyObject, Waiter> {
    enum Return {
        case handOver(Waiter)
        case shelve
        /// The stock is closed, or does not know the connection.
        case close
    }

    enum Arrival {
        /// A connection lay idle.
        case served(Connection)
        /// The caller's number in the queue, whether to dial, and whether nobody looks yet for those who wait too long.
        case waits(number: UInt64, dial: Bool, watch: Bool)
        /// The queue is full or closed.
        case refused
    }

    private let connectionsMax: Int
    private let waitersMax: Int
    private var idle: [Connection] = []
    private var lent: [ObjectIdentifier: Connection] = [:]
    private var dialling = 0
    /// In the order in which they came.
    private var waiters: [(number: UInt64, since: ContinuousClock.Instant, waiter: Waiter)] = []
    private var isWatched = false
    private var lastNumber: UInt64 = 0
    private(set) var isClosed = false
    /// Failed attempts in a row; while there are any, the next one waits for `retryDialling`.
    private(set) var failures = 0
    private var isPausing = false

    init(connectionsMax: Int, waitersMax: Int) {
        self.connectionsMax = connectionsMax
        self.waitersMax = waitersMax
    }

    var total: Int { idle.count + lent.count + dialling }
    var idleCount: Int { idle.count }
    var lentCount: Int { lent.count }
    var waiterCount: Int { waiters.count }

    /// An idle connection, the one used last first: the others may be dropped by the server's own timeouts.
    mutating func takeIdle() -> Connection? {
        guard !isClosed, let connection = idle.popLast() else { return nil }
        lent[ObjectIdentifier(connection)] = connection
        return connection
    }

    /// A caller comes. One that finds a connection idle takes it: what was given back since it last looked is not given back again
    /// for it.
    mutating func arrive(_ waiter: Waiter, at now: ContinuousClock.Instant) -> Arrival {
        guard !isClosed, waiters.count < waitersMax else { return .refused }
        if let connection = takeIdle() { return .served(connection) }
        lastNumber += 1
        waiters.append((lastNumber, now, waiter))
        defer { isWatched = true }
        return .waits(number: lastNumber, dial: startDialling(), watch: !isWatched)
    }

    /// Those who have waited too long, and since when the first of the others waits: then somebody has to look again.
    mutating func overdue(since limit: ContinuousClock.Instant) -> (waiters: [Waiter], next: ContinuousClock.Instant?) {
        let overdue = waiters.prefix { $0.since <= limit }.map(\.waiter)
        waiters.removeFirst(overdue.count)
        isWatched = !waiters.isEmpty
        return (overdue, waiters.first?.since)
    }

    /// A caller gives up. `nil` where it has been served already.
    mutating func withdraw(_ number: UInt64) -> Waiter? {
        guard let index = waiters.firstIndex(where: { $0.number == number }) else { return nil }
        return waiters.remove(at: index).waiter
    }

    /// Whether one more connection is wanted and allowed; if so it counts as being dialled.
    mutating func startDialling() -> Bool {
        guard !isClosed, !isPausing, waiters.count > dialling, total < connectionsMax else { return false }
        dialling += 1
        return true
    }

    mutating func dialled(_ connection: Connection) -> Return {
        dialling -= 1
        failures = 0
        lent[ObjectIdentifier(connection)] = connection
        return giveBack(connection)
    }

    /// Returns whether this failure begins a pause.
    mutating func diallingFailed() -> Bool {
        dialling -= 1
        failures += 1
        defer { isPausing = true }
        return !isPausing
    }

    /// The pause is over. Returns how many connections are wanted.
    mutating func retryDialling() -> Int {
        isPausing = false
        var count = 0
        while startDialling() { count += 1 }
        return count
    }

    mutating func giveBack(_ connection: Connection) -> Return {
        guard !isClosed, lent[ObjectIdentifier(connection)] != nil else {
            lent[ObjectIdentifier(connection)] = nil
            return .close
        }
        guard waiters.isEmpty else { return .handOver(waiters.removeFirst().waiter) }
        lent[ObjectIdentifier(connection)] = nil
        idle.append(connection)
        return .shelve
    }

    /// A connection is gone, wherever it was.
    mutating func lose(_ connection: Connection) {
        lent[ObjectIdentifier(connection)] = nil
        idle.removeAll { $0 === connection }
    }

    /// Takes out what lies idle, to be closed.
    mutating func takeAllIdle() -> [Connection] {
        defer { idle = [] }
        return idle
    }

    /// Takes no more callers. Returns what is to be closed and who is to be refused.
    mutating func close() -> (idle: [Connection], waiters: [Waiter]) {
        isClosed = true
        defer { waiters = [] }
        return (takeAllIdle(), waiters.map(\.waiter))
    }
}
