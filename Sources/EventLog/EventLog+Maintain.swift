internal import Logging
internal import Postgres
internal import ServiceLifecycle

extension EventLog: ServiceLifecycle.Service {
    /// Makes and drops months, purges expired request records, and measures, until cancelled. Every replica may run it.
    package func run() async throws {
        await withDiscardingTaskGroup { group in
            group.addTask { await again("maintained", every: .seconds(300)...(.seconds(900))) { try await maintain() } }
            group.addTask {
                await again("measured", every: Self.horizonInterval...Self.horizonInterval) { try await measureHorizon() }
            }
            group.addTask { await again("measured", every: Self.jobsInterval...Self.jobsInterval) { try await measureJobs() } }
        }
    }

    /// Runs the action at intervals, apart from the other replicas where they may vary, until cancelled or shut down.
    private func again(
        _ done: String, every interval: ClosedRange<Duration>, _ action: () async throws -> Void
    ) async {
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            do {
                try await action()
            } catch is CancellationError {
                return
            } catch {
                logger.warning("event log not \(done)", metadata: ["schema": "\(schema)", "error": "\(error)"])
            }
            let spread = interval.upperBound - interval.lowerBound
            let pause = interval.lowerBound + spread * Double.random(in: 0...1)
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: pause) }
        }
    }

    /// One round of it. Months are made three ahead, so rounds may fail for long before anything stops.
    package func maintain(retention: Duration = retention) async throws {
        try await pool.query("select \(identifier: schema).event_maintain(\(retention))::text")
        var purged = Self.purgedPerRound
        while purged == Self.purgedPerRound {
            let rows = try await pool.query(
                "select \(identifier: schema).idempotent_request_purge(\(Int32(Self.purgedPerRound)))")
            purged = try rows[0].decode(Int.self)
        }
    }

    /// To be called once the database has been restored to an earlier moment: cursors given out before are refused.
    /// Needs the owner's pool.
    package func raiseEpoch() async throws {
        try await pool.query("update \(identifier: schema).event_epoch set epoch = epoch + 1")
    }

    private static let purgedPerRound = 5_000
}
