import Logging
import Postgres
import ServiceLifecycle
import ServiceRuntime
import WallTime

/// Keeps the product clock on the database's time: measured at start and every half minute.
struct DatabaseClockFollower: ServiceLifecycle.Service {
    static let interval: Duration = .seconds(30)
    /// After a failure, the sooner.
    static let retryInterval: Duration = .seconds(2)
    /// A measurement that took longer says too little about the offset.
    static let roundTripMax: Duration = .milliseconds(250)

    let clock: ProductClock
    let pool: PostgresPool
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                let measured = await measure()
                try? await Task.sleep(for: measured ? Self.interval : Self.retryInterval)
            }
        }
    }

    /// - Returns: whether the clock has been corrected.
    func measure() async -> Bool {
        do {
            let begun = ContinuousClock.now
            let before = clock.machine()
            let rows = try await pool.query("select clock_timestamp()")
            let roundTrip = ContinuousClock.now - begun
            guard roundTrip <= Self.roundTripMax, let row = rows.first else { return false }
            let there = try row.decode(Instant.self)
            let offset = before.advanced(by: roundTrip / 2).duration(to: there)
            clock.correct(by: offset)
            RuntimeMetrics.clockOffset(offset)
            return true
        } catch {
            logger.debug("the database's clock could not be read")
            return false
        }
    }
}
