package import FoundationEssentials
package import Postgres

/// Work that has an effect outside the own schema: a row written with the cursor or with the change that calls for it.
package struct NewJob: Sendable, Hashable {
    package var tenantID: UUID
    package var kind: String
    /// Names the job's cause, such as "<log>/<partition>/<position>": the job's id is derived from tenant, kind and cause,
    /// and while it waits a second one of the same cause is not made.
    package var cause: String
    package var payload: [UInt8]
    /// Jobs with the same key run one after the other, in the order in which they were made.
    package var orderingKey: UUID?

    package init(tenantID: UUID, kind: String, cause: String, payload: [UInt8] = [], orderingKey: UUID? = nil) {
        self.tenantID = tenantID
        self.kind = kind
        self.cause = cause
        self.payload = payload
        self.orderingKey = orderingKey
    }
}

/// A job under lease.
package struct Job: Sendable, Hashable {
    /// Derived from its cause and the same at every attempt: sent as request_id, it makes the callee take a retry for the
    /// same request.
    package var jobID: UUID
    package var tenantID: UUID
    package var kind: String
    package var payload: [UInt8]
    /// 1 at the first attempt.
    package var attempt: Int
    /// The fencing token: grows with every lease.
    package var token: Int64
}

package enum JobOutcome: Sendable {
    /// Done; the effect, if any, is written in the transaction that ends the job, under the job's tenant.
    case done(@Sendable (Transaction) async throws -> Void = { _ in })
    /// Again after this long, or after the back-off.
    case retry(after: Duration? = nil)
    /// Will never succeed: kept as failed, with a reason without personal data.
    case failed(reason: String)
}

/// The jobs of one service. Lease time is the database's alone.
package struct JobQueue: Sendable {
    private let schema: String
    private let pool: PostgresPool

    package init(schema: String, pool: PostgresPool) {
        self.schema = schema
        self.pool = pool
    }

    /// Makes jobs; they are sent together with COMMIT.
    package func enqueue(_ jobs: [NewJob], in transaction: Transaction) {
        guard !jobs.isEmpty else { return }
        transaction.collect(jobs, under: "batch of jobs.\(schema)") { [schema] jobs in
            [
                """
                insert into \(identifier: schema).job (tenant_id, job_id, kind, cause, payload, ordering_key)
                select
                    new.tenant_id,
                    encode(substring(sha256(convert_to(
                        concat_ws('/', \(schema), new.tenant_id, new.kind, new.cause), 'UTF8')) for 16), 'hex')::uuid,
                    new.kind, new.cause, new.payload, new.ordering_key
                from unnest(
                    \(jobs.map(\.tenantID)), \(jobs.map(\.kind)), \(jobs.map(\.cause)), \(jobs.map(\.payload)),
                    \(jobs.map(\.orderingKey))
                ) with ordinality as new (tenant_id, kind, cause, payload, ordering_key, number)
                order by new.number
                on conflict (tenant_id, job_id) do nothing
                """
            ]
        }
        transaction.afterCommit { [pool, channel] in pool.notify(channel) }
    }

    /// Jobs that wait or run. Failed ones do not count.
    package func count(kinds: [String]) async throws -> Int {
        let rows = try await pool.query(
            "select count(*) from \(identifier: schema).job where kind = any(\(kinds)) and failure is null")
        return try rows[0].decode(Int.self)
    }

    /// The hint "look for jobs" in this database.
    var channel: String { schema + "_job" }

    func hints(atLeastEvery interval: Duration) -> AsyncStream<Void> {
        pool.listen(channel, atLeastEvery: interval)
    }

    /// Takes due jobs under lease. Of those with an ordering key only the eldest is ever taken.
    func claim(_ kinds: [String], limit: Int, lease: Duration) async throws -> [Job] {
        let rows = try await pool.query(
            """
            -- Not as a subquery of the update: it would run once for each row of a small table, skip what it has locked before, and
            -- take more than the limit.
            with free as materialized (
                select ready.tenant_id, ready.job_id
                from \(identifier: schema).job ready
                where ready.kind = any(\(kinds)) and ready.failure is null
                    and ready.due_time <= clock_timestamp() and ready.lease_until < clock_timestamp()
                    and (ready.ordering_key is null or not exists (
                        select from \(identifier: schema).job elder
                        where elder.tenant_id = ready.tenant_id and elder.ordering_key = ready.ordering_key
                            and elder.sequence < ready.sequence and elder.failure is null
                    ))
                order by ready.due_time, ready.sequence
                limit \(limit)
                for update skip locked
            )
            update \(identifier: schema).job
            set lease_until = clock_timestamp() + \(lease), token = job.token + 1, attempt = job.attempt + 1
            from free
            where job.tenant_id = free.tenant_id and job.job_id = free.job_id
            returning job.job_id, job.tenant_id, job.kind, job.payload, job.attempt, job.token
            """)
        return try rows.map { row in
            let (jobID, tenantID, kind, payload, attempt, token) = try row.decode(
                (UUID, UUID, String, [UInt8], Int, Int64).self)
            return Job(jobID: jobID, tenantID: tenantID, kind: kind, payload: payload, attempt: attempt, token: token)
        }
    }

    /// - Returns: false where the lease is another's by now.
    func renew(_ job: Job, lease: Duration) async throws -> Bool {
        try await pool.query(
            """
            update \(identifier: schema).job
            set lease_until = clock_timestamp() + \(lease)
            where tenant_id = \(job.tenantID) and job_id = \(job.jobID) and token = \(job.token)
            """
        ).affected == 1
    }

    /// The effect and the job's end, or neither.
    func finish(_ job: Job, _ effect: (Transaction) async throws -> Void) async throws {
        let options = TransactionOptions(settings: ["switchboard.tenant_id": job.tenantID.uuidString.lowercased()])
        try await pool.transaction(options) { transaction in
            let ended = try await transaction.query(
                """
                delete from \(identifier: schema).job
                where tenant_id = \(job.tenantID) and job_id = \(job.jobID) and token = \(job.token)
                """)
            guard ended.affected == 1 else { throw LeaseLost() }
            try await effect(transaction)
        }
    }

    /// A step of a job that has not ended yet, under the job's tenant: what has been reached is kept for the next attempt.
    /// - Throws: where the lease is another's by now; nothing is written then, and the job is that one's.
    package func advance<Answer: Sendable>(
        _ job: Job, _ body: (Transaction) async throws -> Answer
    ) async throws -> Answer {
        let options = TransactionOptions(settings: ["switchboard.tenant_id": job.tenantID.uuidString.lowercased()])
        return try await pool.transaction(options) { transaction in
            let held = try await transaction.query(
                """
                select job_id from \(identifier: schema).job
                where tenant_id = \(job.tenantID) and job_id = \(job.jobID) and token = \(job.token)
                for update
                """)
            guard held.count == 1 else { throw LeaseLost() }
            return try await body(transaction)
        }
    }

    /// Makes a waiting job due now instead of after its pause; one that runs, or has ended, is left alone.
    package func hasten(tenantID: UUID, kind: String, cause: String, in transaction: Transaction) async throws {
        try await transaction.query(
            """
            update \(identifier: schema).job
            set due_time = clock_timestamp()
            where tenant_id = \(tenantID) and kind = \(kind) and cause = \(cause) and failure is null
              and lease_until < clock_timestamp()
            """)
        transaction.afterCommit { [pool, channel] in pool.notify(channel) }
    }

    func postpone(_ job: Job, by delay: Duration) async throws {
        try await pool.query(
            """
            update \(identifier: schema).job
            set lease_until = '-infinity', due_time = clock_timestamp() + \(delay)
            where tenant_id = \(job.tenantID) and job_id = \(job.jobID) and token = \(job.token)
            """)
    }

    func fail(_ job: Job, reason: String) async throws {
        try await pool.query(
            """
            update \(identifier: schema).job
            set lease_until = '-infinity', failure = \(reason)
            where tenant_id = \(job.tenantID) and job_id = \(job.jobID) and token = \(job.token)
            """)
    }
}
