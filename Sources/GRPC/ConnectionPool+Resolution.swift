import NIOCore

/// Asking the resolver: before the first connection, after failures, and at an interval.
extension ConnectionPool {
    struct Resolution {
        var isRunning = false
        /// Nothing was found, so far.
        var hasFailed = false
        var failures = 0
        var lastAt: NIODeadline?
        /// The next look, if one is planned, and its time.
        var timer: Scheduled<Void>?
        var plannedAt = NIODeadline.distantFuture
    }

    /// A call finds no connection: looks, unless that was done a moment ago or is planned.
    func resolveIfStale() {
        guard resolver != nil else { return }
        let isStale = state.withLock { state in
            guard let last = state.resolution.lastAt else { return true }
            return state.resolution.timer == nil && last + TimeAmount(configuration.resolution.pause) <= .now()
        }
        if isStale { resolve() }
    }

    /// A connection failed: the server may be elsewhere. Looks at once, unless it was done a moment ago.
    func resolveAgain() {
        guard resolver != nil else { return }
        let last = state.withLock { $0.resolution.lastAt }
        let earliest = (last ?? .now()) + TimeAmount(configuration.resolution.pause)
        if earliest <= .now() { resolve() } else { plan(at: earliest) }
    }

    private func resolve() {
        guard let resolver else { return }
        let begins = state.withLock { state in
            guard !state.isClosed, !state.resolution.isRunning else { return false }
            state.resolution.isRunning = true
            state.resolution.lastAt = .now()
            state.resolution.timer?.cancel()
            state.resolution.timer = nil
            return true
        }
        guard begins else { return }
        resolver.addresses(on: eventLoopGroup.next()).whenComplete { self.resolved($0) }
    }

    private func resolved(_ result: Result<[ServerAddress], any Error>) {
        switch result {
        case .success(let addresses) where !addresses.isEmpty: found(addresses)
        case .success: foundNothing("the name has no address")
        case .failure(let error): foundNothing(String(describing: error))
        }
    }

    private func found(_ addresses: [ServerAddress]) {
        let dropped: [ClientConnection] = state.withLock { state in
            state.resolution.isRunning = false
            state.resolution.hasFailed = false
            state.resolution.failures = 0
            return state.isClosed ? [] : state.subchannels.update(addresses)
        }
        for connection in dropped { connection.leave() }
        connectIdle()
        if let interval = configuration.resolution.interval { plan(at: .now() + TimeAmount(interval)) }
    }

    /// What was known before stays in use.
    private func foundNothing(_ reason: String) {
        let (refused, failures): ([Pick], Int) = state.withLock { state in
            state.resolution.isRunning = false
            state.resolution.hasFailed = true
            state.lastFailure = reason
            defer { state.resolution.failures += 1 }
            return (state.takeImpatient(), state.resolution.failures)
        }
        for pick in refused {
            let message = "no server can be reached: \(reason)"
            pick.resume(returning: .failure(RPCError(code: .unavailable, message: message)))
        }
        plan(at: .now() + TimeAmount(configuration.backoff.wait(failures: failures)))
    }

    /// Looks again then, or earlier if that is planned already.
    private func plan(at time: NIODeadline) {
        state.withLock { state in
            let isEarlier = state.resolution.timer == nil || time < state.resolution.plannedAt
            guard !state.isClosed, !state.resolution.isRunning, isEarlier else { return }
            state.resolution.timer?.cancel()
            state.resolution.plannedAt = time
            state.resolution.timer = eventLoopGroup.next().scheduleTask(deadline: time) { self.resolve() }
        }
    }
}
