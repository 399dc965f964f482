extension PostgresPool {
    /// Hints on a channel (a plain SQL identifier): each means "look", several may come as one, and some may be lost, so a
    /// poll belongs behind it. Needs `run` for hints from other processes.
    /// - Parameter interval: the poll: a hint comes after about that long in any case.
    package func listen(_ channel: String, atLeastEvery interval: Duration? = nil) -> AsyncStream<Void> {
        precondition(SQL.isIdentifier(channel), "not a plain SQL identifier")
        return hints.listen(channel, atLeastEvery: interval)
    }

    /// Sends a hint soon, outside any transaction: a commit that notifies holds a lock of the whole cluster, so hints are
    /// sent from one connection per process, all that gathered meanwhile in one round trip. Listeners in this process are
    /// told at once.
    package func notify(_ channel: String) {
        precondition(SQL.isIdentifier(channel), "not a plain SQL identifier")
        hints.notify(channel)
    }

    /// A hint for this process's listeners alone.
    package func hint(_ channel: String) {
        hints.arrived(channel)
    }

    /// Short words that other processes say on a channel (a plain SQL identifier), and this one too: each is heard once, by whoever
    /// listens at that moment, or by nobody. Of more than wait the oldest are left out. For what is worth nothing a moment later.
    package func hear(_ channel: String) -> AsyncStream<String> {
        precondition(SQL.isIdentifier(channel), "not a plain SQL identifier")
        return hints.hear(channel)
    }

    /// Says a word soon, outside any transaction, to whoever hears the channel now. Without session state it stays within the
    /// process.
    package func say(_ word: String, on channel: String) {
        precondition(SQL.isIdentifier(channel), "not a plain SQL identifier")
        precondition(word.utf8.count <= HintBoard.wordBytesMax, "NOTIFY carries less than 8000 bytes")
        hints.say(word, on: channel)
    }

    /// Keeps the connection for hints until the task is cancelled, and closes the pool then. The pool answers statements
    /// without it; hints then stay within the process.
    package func run() async throws {
        defer { close() }
        guard configuration.sessionState else { return try await waitForCancellation() }
        var failures = 0
        while !Task.isCancelled {
            do {
                try await exchangeHints { failures = 0 }
            } catch let error as PostgresError {
                failures += 1
                logger.warning("lost the connection for hints", metadata: ["error": "\(error)", "attempt": "\(failures)"])
            } catch is CancellationError {
                break
            }
            try? await Task.sleep(for: Self.pause(afterFailures: failures))
        }
    }

    private func exchangeHints(connected: () -> Void) async throws {
        let (changes, wake) = hints.changes()
        let hints = hints
        let configuration = configuration
        let opened = try await BlockingWork.run { try OpenedConnection.openPipelined(configuration) }
        let connection = Connection(
            opened, configuration: configuration, onLoss: { _ in wake.yield() }, onNotification: { hints.arrived($0) })
        defer { connection.close() }
        connected()
        var listening: Set<String> = []
        for await _ in changes {
            guard !connection.isLost else { throw PostgresError(.connectionFailure, message: "the server ended it") }
            let new = hints.channels.subtracting(listening)
            let sent =
                new.map { "listen \(identifier: $0)" as SQL }
                + hints.takeOutgoing().map { "select pg_notify(\($0.channel), \($0.payload))" as SQL }
            guard !sent.isEmpty else { continue }
            let outcome = try await run(sent.map(Connection.Statement.init), on: connection)
            if let error = outcome.error { throw error }
            listening.formUnion(new)
            // What came before LISTEN took hold was not heard.
            for channel in new { hints.arrived(channel) }
        }
        try Task.checkCancellation()
    }

    private func waitForCancellation() async throws {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
        defer { continuation.finish() }
        for await _ in stream {}
    }
}
