package import Postgres

/// A closed load for measuring a pool beside pgbench: so many tasks, each running the same one-statement transaction over and
/// over.
package enum StatementLoad {
    /// Rows in the table that the load updates.
    package static let rowCount = 10_000

    /// Makes the table, as a superuser; pgbench runs `update load set n = n + 1 where id = :id` on the same one.
    package static func prepare(administratorURL: String) async throws {
        try await Administration.execute(
            script: """
                create table if not exists public.load (id bigint not null primary key, n bigint not null);
                truncate public.load;
                insert into public.load select id, 0 from generate_series(1, 10000) id;
                grant select, update on public.load to public;
                grant usage on schema public to public;
                """, url: administratorURL)
    }

    /// - Returns: transactions per second.
    package static func run(_ pool: PostgresPool, tasks: Int = 8, for duration: Duration) async throws -> Double {
        let start = ContinuousClock.now
        let end = start.advanced(by: duration)
        let count = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<tasks {
                group.addTask {
                    var count = 0
                    while ContinuousClock.now < end {
                        let id = Int64.random(in: 1...Int64(rowCount))
                        try await pool.query("update public.load set n = n + 1 where id = \(id)")
                        count += 1
                    }
                    return count
                }
            }
            return try await group.reduce(0, +)
        }
        return Double(count) / (start.duration(to: .now) / .seconds(1))
    }
}
