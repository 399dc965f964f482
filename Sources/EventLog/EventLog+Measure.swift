internal import Logging
internal import Postgres

extension EventLog {
    /// RELIABILITY.md 3.5: a writer that holds its place for longer is an alarm.
    package static let horizonAgeMax: Duration = .seconds(2)
    static let horizonInterval: Duration = .seconds(1)
    /// Counting reads the rows.
    static let jobsInterval: Duration = .seconds(10)

    /// How long the oldest transaction has held one of the log's counters. Only those of the service's own role show.
    func measureHorizon() async throws {
        let rows = try await pool.query(
            """
            select coalesce(max(extract(epoch from clock_timestamp() - session.xact_start)), 0)::float8
            from pg_locks held
            join pg_stat_activity session on session.pid = held.pid
            where held.relation = \(schema + ".event_partition")::text::regclass and held.mode = 'RowExclusiveLock'
                and held.granted
                -- The same number may be another table's in another database.
                and held.database = (select oid from pg_database where datname = current_database())
            """)
        let age = try rows[0].decode(Double.self)
        metrics.horizonAge.record(age)
        guard age > Self.horizonAgeMax / .seconds(1) else { return }
        metrics.horizonAlarms.increment()
        logger.warning("a writer holds its place in the log", metadata: ["schema": "\(schema)", "seconds": "\(age)"])
    }

    func measureJobs() async throws {
        let rows = try await pool.query(
            """
            select
                count(*) filter (
                    where failure is null and due_time <= clock_timestamp() and lease_until < clock_timestamp()),
                count(*) filter (where failure is null and lease_until >= clock_timestamp()),
                count(*) filter (where failure is not null)
            from \(identifier: schema).job
            """)
        let (runnable, leased, failed) = try rows[0].decode((Int, Int, Int).self)
        metrics.jobsRunnable.record(runnable)
        metrics.jobsLeased.record(leased)
        metrics.jobsFailed.record(failed)
    }
}
