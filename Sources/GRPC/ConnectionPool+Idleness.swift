import NIOCore

/// A channel that nobody uses lets go of its connections; the next call makes them again.
extension ConnectionPool {
    /// Looks every ``ChannelConfiguration/idleTimeout`` whether there was a call meanwhile.
    func watchForIdleness() {
        guard let timeout = configuration.idleTimeout else { return }
        state.withLock { state in
            guard !state.isClosed, state.idleTimer == nil else { return }
            let picks = state.picks
            state.idleTimer = eventLoopGroup.next().scheduleTask(in: TimeAmount(timeout)) { self.look(picks) }
        }
    }

    private func look(_ picksBefore: Int) {
        let idle: [ClientConnection] = state.withLock { state in
            state.idleTimer = nil
            let isIdle = state.picks == picksBefore && state.open.values.allSatisfy { $0.openCalls == 0 }
            guard isIdle, !state.isClosed else { return [] }
            state.resolution.timer?.cancel()
            state.resolution.timer = nil
            return state.subchannels.becomeIdle()
        }
        guard idle.isEmpty else { return idle.forEach { $0.leave() } }
        if state.withLock({ !$0.open.isEmpty }) { watchForIdleness() }
    }
}
