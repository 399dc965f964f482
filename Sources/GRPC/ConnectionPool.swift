import NIOCore
import NIOPosix
import Synchronization

/// A channel's connections: one per address, made again with backoff, picked as the channel's policy says.
final class ConnectionPool: Sendable {
    typealias Pick = CheckedContinuation<Result<ClientConnection, RPCError>, Never>

    /// A call that waits for a connection; `waits` false: only until every address has failed.
    struct Waiter {
        let pick: Pick
        let waits: Bool
    }

    struct State {
        var subchannels: Subchannels<ClientConnection>
        var resolution = Resolution()
        var lastFailure = "no connection was made yet"
        var isClosed = false
        var waiting: [Int: Waiter] = [:]
        var nextWaiting = 0
        /// Picks so far: where they stand still, the channel is idle.
        var picks = 0
        var idleTimer: Scheduled<Void>?
        /// How often a server said that PING frames come too often: each time their interval doubles.
        var tooManyPings = 0
        /// Every connection that is not closed, those that are going away included.
        var open: [ObjectIdentifier: ClientConnection] = [:]
        var whenClosed: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: ChannelConfiguration
    let eventLoopGroup: any EventLoopGroup
    let resolver: (any NameResolver)?
    let state: Mutex<State>

    init(_ target: Target, _ configuration: ChannelConfiguration, _ eventLoopGroup: any EventLoopGroup) {
        self.configuration = configuration
        self.eventLoopGroup = eventLoopGroup
        let policy = configuration.service?.loadBalancing ?? configuration.loadBalancing
        switch target {
        case .addresses(let addresses):
            precondition(!addresses.isEmpty, "a channel needs an address")
            resolver = nil
            state = Mutex(State(subchannels: Subchannels(addresses, policy)))
        case .resolved(let resolver):
            self.resolver = resolver
            state = Mutex(State(subchannels: Subchannels([], policy)))
        }
    }

    // MARK: Picking

    /// The next ready connection. Where there is none: waits until `deadline` for one, or throws UNAVAILABLE at once
    /// when every address has failed and `waits` is false.
    nonisolated(nonsending) func pick(waits: Bool, deadline: ContinuousClock.Instant?) async throws(RPCError) -> ClientConnection
    {
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
        let outcome: Result<ClientConnection?, RPCError> = state.withLock { state in
            if let connection = state.pick() { return .success(connection) }
            return state.refusal(waits: waits).map { .failure($0) } ?? .success(nil)
        }
        if case .success(.some(let connection)) = outcome { return connection }
        connectIdle()
        resolveIfStale()
        return try outcome.get()
    }

    private func wait(_ key: Int, _ pick: Pick, waits: Bool) {
        let answer: Result<ClientConnection, RPCError>? = state.withLock { state in
            if let connection = state.pick() { return .success(connection) }
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

    /// Makes the connections that the policy wants and nobody is making.
    func connectIdle() {
        let attempts = state.withLock { $0.isClosed ? [] : $0.subchannels.takeIdle() }
        for attempt in attempts { connect(attempt) }
    }

    private func connect(_ attempt: Subchannels<ClientConnection>.Attempt) {
        let dialer = Dialer(configuration, pingsSlowedDown: state.withLock { $0.tooManyPings })
        let connected = dialer.connect(to: attempt.address, on: eventLoopGroup.next()) { connection in
            self.state.withLock { $0.open[ObjectIdentifier(connection)] = connection }
        } onEvent: { connection, event in
            self.happened(event, to: connection, attempt.number)
        }
        connected.whenFailure { self.ended(attempt.number, nil, String(describing: $0)) }
    }

    private func happened(_ event: ClientConnection.Event, to connection: ClientConnection, _ attempt: Int) {
        switch event {
        case .ready: ready(connection, attempt)
        case .tooManyPings: state.withLock { $0.tooManyPings += 1 }
        case .goingAway: ended(attempt, connection, "the server is going away")
        case .closed(let reason):
            let waiting: [CheckedContinuation<Void, Never>] = state.withLock { state in
                state.open[ObjectIdentifier(connection)] = nil
                guard state.isClosed, state.open.isEmpty else { return [] }
                defer { state.whenClosed = [] }
                return state.whenClosed
            }
            for continuation in waiting { continuation.resume() }
            ended(attempt, connection, reason ?? "the connection was closed")
        }
    }

    private func ready(_ connection: ClientConnection, _ attempt: Int) {
        let waiting: [Int: Waiter]? = state.withLock { state in
            guard !state.isClosed, state.subchannels.ready(attempt, connection) else { return nil }
            defer { state.waiting = [:] }
            return state.waiting
        }
        guard let waiting else { return connection.close() }
        for waiter in waiting.values { waiter.pick.resume(returning: .success(connection)) }
        watchForIdleness()
    }

    /// A connection ended, takes no further calls, or could not be made (nil).
    private func ended(_ attempt: Int, _ connection: ClientConnection?, _ reason: String) {
        let wasBrief = connection.map { NIODeadline.now() - $0.startedAt < TimeAmount(configuration.backoff.initial) } ?? true
        let (aftermath, refused): (Subchannels<ClientConnection>.Aftermath, [Pick]) = state.withLock { state in
            guard !state.isClosed else { return (.none, []) }
            let aftermath = state.subchannels.ended(attempt, wasBrief: wasBrief)
            if aftermath != .none { state.lastFailure = reason }
            return (aftermath, state.takeImpatient())
        }
        for pick in refused {
            let message = "no server can be reached: \(reason)"
            pick.resume(returning: .failure(RPCError(code: .unavailable, message: message)))
        }
        guard aftermath != .none else { return }
        if case .wait(let attempt, let failures) = aftermath { wait(after: attempt, failures) }
        connectIdle()
        resolveAgain()
    }

    private func wait(after attempt: Int, _ failures: Int) {
        let wait = TimeAmount(configuration.backoff.wait(failures: failures))
        _ = eventLoopGroup.next().scheduleTask(in: wait) {
            self.state.withLock { $0.subchannels.waited(attempt) }
            self.connectIdle()
        }
    }

    // MARK: Closing

    func close() async {
        let (waiting, open) = state.withLock { state in
            state.isClosed = true
            state.idleTimer?.cancel()
            state.resolution.timer?.cancel()
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
    fileprivate mutating func pick() -> ClientConnection? {
        guard !isClosed else { return nil }
        picks &+= 1
        return subchannels.pick()
    }

    /// The calls that do not wait any longer, once every address has failed, or none could be found.
    mutating func takeImpatient() -> [ConnectionPool.Pick] {
        guard cannotConnect else { return [] }
        let impatient = waiting.filter { !$0.value.waits }
        for key in impatient.keys { waiting[key] = nil }
        return impatient.values.map(\.pick)
    }

    /// Why a call cannot wait for a connection.
    fileprivate func refusal(waits: Bool) -> RPCError? {
        if isClosed { return RPCError(code: .unavailable, message: "the channel is closed") }
        guard !waits, cannotConnect else { return nil }
        return RPCError(code: .unavailable, message: "no server can be reached: \(lastFailure)")
    }

    private var cannotConnect: Bool { subchannels.isEmpty ? resolution.hasFailed : subchannels.allFailed }
}
