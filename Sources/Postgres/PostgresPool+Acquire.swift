import Synchronization

extension PostgresPool {
    /// A connection for the caller alone, to be given back.
    func acquire() async throws -> Connection {
        if let connection = stock.withLock({ $0.takeIdle() }) { return connection }
        let start = ContinuousClock.now
        defer { metrics.acquire(took: start.duration(to: .now)) }
        let ticket = Mutex(Ticket())
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { waiter in
                let number: UInt64
                switch stock.withLock({ $0.arrive(waiter, at: start) }) {
                case .served(let connection): return waiter.resume(returning: connection)
                case .refused:
                    metrics.refusals.increment()
                    return waiter.resume(throwing: refusal)
                case .waits(let place, let dials, let watch):
                    number = place
                    if dials { dial() }
                    if watch { giveUp(after: configuration.acquireTimeout) }
                }
                let isCancelled = ticket.withLock { ticket in
                    ticket.number = number
                    return ticket.isCancelled
                }
                if isCancelled { withdraw(number) }
            }
        } onCancel: {
            let number = ticket.withLock { ticket in
                ticket.isCancelled = true
                return ticket.number
            }
            if let number { withdraw(number) }
        }
    }

    private struct Ticket {
        var number: UInt64?
        var isCancelled = false
    }

    private func withdraw(_ number: UInt64) {
        stock.withLock { $0.withdraw(number) }?.resume(throwing: CancellationError())
    }

    /// One timer for all who wait, not one each: they wait equally long, so the first of them is due first.
    private func giveUp(after delay: Duration) {
        Reactor.shared.after(delay) { [weak self] in
            guard let self else { return }
            let (now, patience) = (ContinuousClock.now, configuration.acquireTimeout)
            let (overdue, next) = stock.withLock { $0.overdue(since: now - patience) }
            for waiter in overdue {
                metrics.timeouts.increment()
                waiter.resume(
                    throwing: PostgresError(
                        .tooManyConnections, category: .unavailable, message: "no connection within \(patience)"))
            }
            if let next { giveUp(after: next + patience - now) }
        }
    }

    var refusal: PostgresError {
        guard !stock.withLock(\.isClosed) else { return Self.closedError }
        return PostgresError(
            .tooManyConnections, category: .overloaded, message: "\(configuration.waitersMax) callers wait already")
    }

    // MARK: - Coming back

    /// Takes a connection back: at once, or as soon as the server has answered what is under way on it.
    func giveBack(_ connection: Connection) {
        connection.whenSettled { [self] in
            if connection.isUnfit { connection.close() }
            guard !connection.isLost else { return lost(connection) }
            guard connection.isInTransaction else { return shelve(connection) }
            connection.start([Connection.Statement("rollback")]) { [self] _ in giveBack(connection) }
        }
    }

    private func shelve(_ connection: Connection) {
        switch stock.withLock({ $0.giveBack(connection) }) {
        case .handOver(let waiter): waiter.resume(returning: connection)
        case .shelve: break
        case .close: connection.close()
        }
    }

    func closeIdle() {
        for connection in stock.withLock({ $0.takeAllIdle() }) { connection.close() }
    }

    private func lost(_ connection: Connection) {
        let dials = stock.withLock { stock in
            stock.lose(connection)
            return stock.startDialling()
        }
        if dials { dial() }
    }

    // MARK: - Dialling

    /// Pauses between attempts: from 50 ms doubling to 1 s, each shortened by chance down to half.
    static func pause(afterFailures failures: Int) -> Duration {
        let longest = min(1_000, 50 << min(max(failures - 1, 0), 5))
        return .milliseconds(Int.random(in: longest / 2...longest))
    }

    private func dial() {
        BlockingWork.start { [self] in
            do throws(PostgresError) {
                let opened = try OpenedConnection.openPipelined(configuration)
                let connection = Connection(opened, configuration: configuration) { [weak self] in self?.lost($0) }
                metrics.opened.increment()
                switch stock.withLock({ $0.dialled(connection) }) {
                case .handOver(let waiter): waiter.resume(returning: connection)
                case .shelve: break
                case .close: connection.close()
                }
            } catch {
                pauseDialling(after: error)
            }
        }
    }

    private func pauseDialling(after error: PostgresError) {
        let (beginsPause, failures) = stock.withLock { ($0.diallingFailed(), $0.failures) }
        metrics.failures.increment()
        guard beginsPause else { return }
        logger.warning(
            "cannot connect to PostgreSQL", metadata: ["attempt": "\(failures)", "error": "\(error.message)"])
        Reactor.shared.after(Self.pause(afterFailures: failures)) { [weak self] in
            guard let self else { return }
            for _ in 0..<stock.withLock({ $0.retryDialling() }) { dial() }
        }
    }
}
