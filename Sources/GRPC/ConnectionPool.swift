import NIOCore
import NIOPosix
import Synchronization

/// A channel's connections: one per address, made again with backoff, picked round robin.
final class ConnectionPool: Sendable {
    fileprivate enum Phase {
        case idle
        case connecting
        case ready(ClientConnection)
        /// Waiting after a failure.
        case backoff
    }

    fileprivate struct Replica {
        let address: ServerAddress
        var phase = Phase.idle
        /// Failures since the last connection that became ready.
        var failures = 0
        /// Tells an event of this connection from one of an earlier one.
        var generation = 0
    }

    fileprivate typealias Pick = CheckedContinuation<Result<ClientConnection, RPCError>, Never>

    /// A call that waits for a connection; `waits` false: only until every address has failed.
    fileprivate struct Waiter {
        let pick: Pick
        let waits: Bool
    }

    fileprivate struct State {
        var replicas: [Replica]
        var next = 0
        var lastFailure = "no connection was made yet"
        var isClosed = false
        var waiting: [Int: Waiter] = [:]
        var nextWaiting = 0
        /// Every connection that is not closed, those that are going away included.
        var open: [ObjectIdentifier: ClientConnection] = [:]
        var whenClosed: [CheckedContinuation<Void, Never>] = []
    }

    private let configuration: ChannelConfiguration
    private let eventLoopGroup: any EventLoopGroup
    private let state: Mutex<State>

    init(_ addresses: [ServerAddress], _ configuration: ChannelConfiguration, _ eventLoopGroup: any EventLoopGroup) {
        precondition(!addresses.isEmpty, "a channel needs an address")
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        state = Mutex(State(replicas: addresses.map { Replica(address: $0) }))
    }

    // MARK: Picking

    /// The next ready connection. Where there is none: waits until `deadline` for one, or throws UNAVAILABLE at once
    /// when every address has failed and `waits` is false.
    func pick(waits: Bool, deadline: ContinuousClock.Instant?) async throws(RPCError) -> ClientConnection {
        if let connection = try pickNow(waits: waits) { return connection }
        let key = state.withLock { state in
            state.nextWaiting += 1
            return state.nextWaiting
        }
        let limit = deadline ?? .now + configuration.waitForReadyMax
        let timer = eventLoopGroup.next().scheduleTask(in: TimeAmount(ContinuousClock.now.duration(to: limit))) {
            self.giveUp(key, deadline == nil ? .unavailable : .deadlineExceeded)
        }
        defer { timer.cancel() }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { wait(key, $0, waits: waits) }
        } onCancel: {
            giveUp(key, .cancelled)
        }
        return try result.get()
    }

    private func pickNow(waits: Bool) throws(RPCError) -> ClientConnection? {
        let (outcome, idle): (Result<ClientConnection?, RPCError>, [Int]) = state.withLock { state in
            if let connection = state.takeNext() { return (.success(connection), []) }
            return (state.refusal(waits: waits).map { .failure($0) } ?? .success(nil), state.takeIdle())
        }
        for index in idle { connect(index) }
        return try outcome.get()
    }

    private func wait(_ key: Int, _ pick: Pick, waits: Bool) {
        let answer: Result<ClientConnection, RPCError>? = state.withLock { state in
            if let connection = state.takeNext() { return .success(connection) }
            if let refusal = state.refusal(waits: waits) { return .failure(refusal) }
            if Task.isCancelled { return .failure(RPCError(code: .cancelled, message: "the call was cancelled")) }
            state.waiting[key] = Waiter(pick: pick, waits: waits)
            return nil
        }
        if let answer { pick.resume(returning: answer) }
    }

    private func giveUp(_ key: Int, _ code: StatusCode) {
        let (waiter, failure) = state.withLock { ($0.waiting.removeValue(forKey: key), $0.lastFailure) }
        waiter?.pick.resume(returning: .failure(RPCError(code: code, message: "no connection was ready: \(failure)")))
    }

    // MARK: Connecting

    private func connect(_ index: Int) {
        let (address, generation) = state.withLock { ($0.replicas[index].address, $0.replicas[index].generation) }
        let (configuration, authority) = (configuration, configuration.authority ?? "\(address.host):\(address.port)")
        let bootstrap = ClientBootstrap(group: eventLoopGroup.next())
            .connectTimeout(TimeAmount(configuration.connectTimeout))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 << 10, high: 1 << 20))
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2_048, initial: 16 << 10, maximum: 256 << 10)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = try ClientConnection(
                        channel: channel, authority: authority, configuration: configuration
                    ) { self.happened($1, to: $0, index, generation) }
                    self.state.withLock { $0.open[ObjectIdentifier(connection)] = connection }
                }
            }
        bootstrap.connect(host: address.host, port: address.port).whenFailure { error in
            self.failed(index, generation, String(describing: error))
        }
    }

    private func happened(_ event: ClientConnection.Event, to connection: ClientConnection, _ index: Int, _ generation: Int) {
        switch event {
        case .ready: ready(connection, index, generation)
        case .goingAway: lost(index, generation)
        case .closed(let reason):
            let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
                state.open[ObjectIdentifier(connection)] = nil
                guard state.isClosed, state.open.isEmpty else { return [] }
                defer { state.whenClosed = [] }
                return state.whenClosed
            }
            for continuation in waiting { continuation.resume() }
            failed(index, generation, reason ?? "the connection was closed")
        }
    }

    private func ready(_ connection: ClientConnection, _ index: Int, _ generation: Int) {
        let (waiting, isClosed) = state.withLock { state in
            guard state.replicas[index].generation == generation, !state.isClosed else {
                return ([Int: Waiter](), true)
            }
            state.replicas[index].phase = .ready(connection)
            state.replicas[index].failures = 0
            defer { state.waiting = [:] }
            return (state.waiting, false)
        }
        if isClosed { connection.close() }
        for waiter in waiting.values { waiter.pick.resume(returning: .success(connection)) }
    }

    /// A ready connection takes no further calls: the next one is made at once.
    private func lost(_ index: Int, _ generation: Int) {
        let isCurrent = state.withLock { state in
            guard state.replicas[index].generation == generation, !state.isClosed else { return false }
            state.replicas[index].generation += 1
            state.replicas[index].phase = .connecting
            return true
        }
        if isCurrent { connect(index) }
    }

    /// A connection ended, or could not be made.
    private func failed(_ index: Int, _ generation: Int, _ reason: String) {
        let backoff = configuration.backoff
        enum Next { case nothing, again, after(Duration) }
        let (next, refused): (Next, [Pick]) = state.withLock { state in
            guard state.replicas[index].generation == generation, !state.isClosed else { return (.nothing, []) }
            state.replicas[index].generation += 1
            state.lastFailure = reason
            if case .ready = state.replicas[index].phase {
                state.replicas[index].phase = .connecting
                return (.again, [])
            }
            state.replicas[index].phase = .backoff
            defer { state.replicas[index].failures += 1 }
            return (.after(backoff.wait(failures: state.replicas[index].failures)), state.takeImpatient())
        }
        for pick in refused {
            let message = "no server can be reached: \(reason)"
            pick.resume(returning: .failure(RPCError(code: .unavailable, message: message)))
        }
        switch next {
        case .nothing: break
        case .again: connect(index)
        case .after(let wait):
            _ = eventLoopGroup.next().scheduleTask(in: TimeAmount(wait)) { self.backoffEnded(index) }
        }
    }

    private func backoffEnded(_ index: Int) {
        let connects = state.withLock { state in
            guard !state.isClosed, case .backoff = state.replicas[index].phase else { return false }
            state.replicas[index].phase = .connecting
            return true
        }
        if connects { connect(index) }
    }

    // MARK: Closing

    func close() async {
        let (waiting, open) = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return (state.waiting, Array(state.open.values))
        }
        for waiter in waiting.values {
            waiter.pick.resume(returning: .failure(RPCError(code: .unavailable, message: "the channel is closed")))
        }
        for connection in open { connection.close() }
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.whenClosed.append(continuation) }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}

extension ConnectionPool.State {
    /// The next ready connection, round robin.
    fileprivate mutating func takeNext() -> ClientConnection? {
        for offset in 0..<replicas.count {
            let index = (next + offset) % replicas.count
            if case .ready(let connection) = replicas[index].phase {
                next = (index + 1) % replicas.count
                return connection
            }
        }
        return nil
    }

    /// The replicas that nobody has tried to reach yet; they count as connecting from now on.
    fileprivate mutating func takeIdle() -> [Int] {
        guard !isClosed else { return [] }
        return replicas.indices.filter { index in
            guard case .idle = replicas[index].phase else { return false }
            replicas[index].phase = .connecting
            return true
        }
    }

    private var allFailed: Bool {
        replicas.allSatisfy { if case .backoff = $0.phase { true } else { false } }
    }

    /// The calls that do not wait any longer, once every address has failed.
    fileprivate mutating func takeImpatient() -> [ConnectionPool.Pick] {
        guard allFailed else { return [] }
        let impatient = waiting.filter { !$0.value.waits }
        for key in impatient.keys { waiting[key] = nil }
        return impatient.values.map(\.pick)
    }

    /// Why a call cannot wait for a connection.
    fileprivate func refusal(waits: Bool) -> RPCError? {
        if isClosed { return RPCError(code: .unavailable, message: "the channel is closed") }
        guard !waits else { return nil }
        return allFailed ? RPCError(code: .unavailable, message: "no server can be reached: \(lastFailure)") : nil
    }
}

extension ChannelConfiguration.Backoff {
    /// The wait after the failure that follows `failures` others. gRPC, "Connection Backoff Protocol".
    func wait(failures: Int) -> Duration {
        var wait = initial
        for _ in 0..<failures where wait < max { wait = wait * multiplier }
        return min(wait, max) * Double.random(in: (1 - jitter)...(1 + jitter))
    }
}
