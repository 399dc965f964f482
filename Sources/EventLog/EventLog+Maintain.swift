internal import Logging
internal import Postgres
internal import ServiceLifecycle

extension EventLog: ServiceLifecycle.Service {
    /// Makes and drops months, and purges expired request records, until cancelled. Every replica may run it.
    package func run() async throws {
        while !Task.isCancelled {
            do {
                try await maintain()
            } catch let error as PostgresError {
                logger.warning("event log not maintained", metadata: ["schema": "\(schema)", "error": "\(error)"])
            } catch is CancellationError {
                return
            }
            try? await cancelWhenGracefulShutdown { try await Task.sleep(for: Self.maintenanceInterval()) }
            if Task.isShuttingDownGracefully { return }
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

    /// Some ten minutes, apart from the other replicas'.
    private static func maintenanceInterval() -> Duration {
        .seconds(Int.random(in: 300...900))
    }
}
