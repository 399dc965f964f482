import EventLog
import Foundation
import Logging
import Postgres

/// One greeting for each contact: an effect that a job brings about under a lease.
struct Greetings: Sendable {
    static let kind = "greet"

    let pool: PostgresPool
    let bug: PlantedBug

    func run() async throws {
        guard bug != .leaseWithoutToken else { return try await runWithoutToken() }
        try await JobWorker(
            kinds: [Self.kind], schema: SampleContacts.schema, pool: pool, lease: Window.lease,
            logger: Logger(label: "greetings")
        ) { job in
            try await Task.sleep(for: Window.job)
            return .done { try await Self.greet(job.payload, $0) }
        }.run()
    }

    private static func greet(_ payload: [UInt8], _ transaction: Transaction) async throws {
        let label = String(decoding: payload, as: UTF8.self)
        try await transaction.query("insert into sample.greeting (label) values (\(label))")
    }

    // MARK: - M5

    /// Whoever has slept through his lease ends the job all the same.
    private func runWithoutToken() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    while true {
                        guard let (jobID, payload) = try await claimWithoutToken() else {
                            try await Task.sleep(for: .milliseconds(20))
                            continue
                        }
                        try await Task.sleep(for: Window.job)
                        try await pool.transaction(SampleContacts.options) { transaction in
                            try await transaction.query("delete from sample.job where job_id = \(jobID)")
                            try await Self.greet(payload, transaction)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func claimWithoutToken() async throws -> (UUID, [UInt8])? {
        let rows = try await pool.query(
            """
            update sample.job
            set lease_until = clock_timestamp() + \(Window.lease)
            where job_id in (
                select job_id
                from sample.job
                where lease_until < clock_timestamp()
                order by sequence
                limit 1
                for update skip locked
            )
            returning job_id, payload
            """)
        return try rows.first.map { try $0.decode((UUID, [UInt8]).self) }
    }
}
