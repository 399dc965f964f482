import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Notes that heartbeats are received, and lets presence elapse exactly when it is due. Any number of replicas do it beside
/// each other: each row is another's while that one works on it.
struct PresenceLoop: ServiceLifecycle.Service {
    static let channel = "routing_presence"
    /// How often it is noted, by machine time: well within the silence that counts as a break.
    static let noteInterval: Duration = .seconds(1)
    static let batchMax = 500

    let surroundings: Surroundings

    func run() async throws {
        try? await cancelWhenGracefulShutdown {
            var anew = true
            var hints = surroundings.pool.listen(Self.channel, atLeastEvery: Self.noteInterval).makeAsyncIterator()
            while true {
                do {
                    let next = try await surroundings.elapsePresence(anew: anew)
                    anew = false
                    try await surroundings.wait(until: next, orHint: &hints, on: Self.channel)
                } catch is CancellationError where Task.isCancelled {
                    return
                } catch {
                    // Nobody notes meanwhile, so that the time without a database counts against nobody.
                    surroundings.logger.warning("presence could not be looked at", metadata: ["error": "\(error)"])
                    try await Task.sleep(for: Self.noteInterval)
                }
            }
        }
    }
}

extension Surroundings {
    /// Lets elapse all that is due now.
    /// - Parameter anew: this replica has just begun to receive.
    /// - Returns: when the next one is due.
    func elapsePresence(anew: Bool = false) async throws -> Instant? {
        let since = try await noteReception(anew: anew)
        while try await changePresence({ changes in
            try await changes.elapse(receivingSince: since, limit: PresenceLoop.batchMax)
        }) == PresenceLoop.batchMax {}
        return try await pool.transaction(TransactionOptions(readOnly: true)) { transaction in
            try await PresenceStore(transaction: transaction).nextDue()
        }
    }
}

extension Surroundings {
    /// Notes that somebody is here to receive, in one statement: a process that is stopped on the way never holds up the others,
    /// to whom the wait would look like a break.
    /// - Parameter anew: nobody was, as far as the caller knows.
    /// - Returns: product time since when there was no break.
    private func noteReception(anew: Bool) async throws -> Instant {
        try await pool.query(
            """
            insert into routing.reception as known (note_time, since_time)
            values (clock_timestamp(), \(clock.now))
            on conflict (reception_id) do update
            set note_time = excluded.note_time,
                since_time = case
                    when \(anew) or excluded.note_time - known.note_time > \(Reception.silenceMax) then excluded.since_time
                    else known.since_time
                end
            returning since_time
            """
        )[0].decode(Instant.self)
    }
}
