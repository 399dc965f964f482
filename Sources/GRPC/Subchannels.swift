/// The addresses of a server, what stands of the connection to each, and which of them takes the next call.
///
/// A value: it says what is to be done and leaves it to ``ConnectionPool`` to do it. Each attempt to connect has a number
/// of its own, by which what comes late is told from what matters.
struct Subchannels<Connection: Loaded> {
    /// An attempt to connect that somebody has to make.
    struct Attempt: Equatable {
        let number: Int
        let address: ServerAddress
    }

    /// What to do about a connection that ended or could not be made.
    enum Aftermath: Equatable {
        /// It was of no consequence.
        case none
        /// The address may be tried again at once.
        case idle
        /// The address is tried again after a wait, the longer the more `failures` came before.
        case wait(attempt: Int, failures: Int)
    }

    private enum Phase {
        case idle
        case connecting
        case ready(Connection)
        case waiting
    }

    private struct Subchannel {
        let address: ServerAddress
        var phase = Phase.idle
        /// Failures in a row. A connection that is lost soon after it was made counts as one.
        var failures = 0
        var attempt = 0
    }

    private let policy: LoadBalancing
    private var list: [Subchannel] = []
    private var next = 0
    private var attempts = 0

    init(_ addresses: [ServerAddress], _ policy: LoadBalancing) {
        self.policy = policy
        _ = update(addresses)
    }

    var isEmpty: Bool { list.isEmpty }

    /// Every address has failed and is waited for.
    var allFailed: Bool {
        list.allSatisfy { if case .waiting = $0.phase { true } else { false } }
    }

    /// The connection for the next call.
    mutating func pick() -> Connection? {
        switch policy {
        case .pickFirst, .roundRobin: pickNext()
        case .leastRequests(let choices): pickLeast(of: choices)
        }
    }

    private mutating func pickNext() -> Connection? {
        for offset in 0..<list.count {
            let index = (next + offset) % list.count
            if case .ready(let connection) = list[index].phase {
                next = (index + 1) % list.count
                return connection
            }
        }
        return nil
    }

    private func pickLeast(of choices: Int) -> Connection? {
        let ready = connections
        guard ready.count > 1 else { return ready.first }
        return (0..<choices).map { _ in ready[Int.random(in: ready.indices)] }.min { $0.openCalls < $1.openCalls }
    }

    /// The connections that take calls.
    var connections: [Connection] {
        list.compactMap { if case .ready(let connection) = $0.phase { connection } else { nil } }
    }

    /// The attempts that are to be made now: with pick-first the first untried address, unless one is ready or being tried.
    mutating func takeIdle() -> [Attempt] {
        let idle = list.indices.filter { if case .idle = list[$0].phase { true } else { false } }
        guard case .pickFirst = policy else { return idle.map { begin($0) } }
        let isBusy = list.contains {
            switch $0.phase {
            case .connecting, .ready: true
            case .idle, .waiting: false
            }
        }
        return isBusy ? [] : idle.prefix(1).map { begin($0) }
    }

    private mutating func begin(_ index: Int) -> Attempt {
        attempts += 1
        list[index].attempt = attempts
        list[index].phase = .connecting
        return Attempt(number: attempts, address: list[index].address)
    }

    /// The connection takes calls from now on. False when nobody wants it any more.
    mutating func ready(_ attempt: Int, _ connection: Connection) -> Bool {
        guard let index = index(of: attempt) else { return false }
        list[index].phase = .ready(connection)
        return true
    }

    /// The attempt failed, or its connection takes no further calls. `wasBrief`: it had hardly begun, so that trying again
    /// and again at once would do harm.
    mutating func ended(_ attempt: Int, wasBrief: Bool) -> Aftermath {
        guard let index = index(of: attempt) else { return .none }
        switch list[index].phase {
        case .idle, .waiting: return .none
        case .connecting: list[index].failures += 1
        case .ready:
            let isFirst = list[index].failures == 0
            list[index].failures = wasBrief ? list[index].failures + 1 : 0
            if isFirst || !wasBrief {
                list[index].attempt = 0
                list[index].phase = .idle
                return .idle
            }
        }
        list[index].phase = .waiting
        return .wait(attempt: attempt, failures: list[index].failures - 1)
    }

    /// The wait after the attempt is over.
    mutating func waited(_ attempt: Int) {
        guard let index = index(of: attempt), case .waiting = list[index].phase else { return }
        list[index].attempt = 0
        list[index].phase = .idle
    }

    /// All connections shall go; returns those that took calls.
    mutating func becomeIdle() -> [Connection] {
        defer { list = list.map { Subchannel(address: $0.address) } }
        return connections
    }

    /// The addresses are these from now on. What stands of those that stay is kept; returns the connections of the others.
    mutating func update(_ addresses: [ServerAddress]) -> [Connection] {
        var left = Dictionary(list.map { ($0.address, $0) }) { first, _ in first }
        var unique: [ServerAddress] = []
        for address in addresses where !unique.contains(address) { unique.append(address) }
        if case .pickFirst(shuffles: true) = policy { unique.shuffle() }
        list = unique.map { left.removeValue(forKey: $0) ?? Subchannel(address: $0) }
        next = 0
        return left.values.compactMap { if case .ready(let connection) = $0.phase { connection } else { nil } }
    }

    private func index(of attempt: Int) -> Int? { list.firstIndex { $0.attempt == attempt } }
}
