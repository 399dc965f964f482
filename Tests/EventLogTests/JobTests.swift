import EventLog
import FoundationEssentials
import Logging
import Postgres
import PostgresTesting
import Synchronization
import Testing
import Trials

/// A provider that carries a request out once per request id, and keeps the order in which they came.
private actor Provider {
    private(set) var requests: [UUID] = []
    private(set) var effects: [String] = []

    func receive(_ requestID: UUID, _ payload: [UInt8]) {
        if !requests.contains(requestID) { effects.append(String(decoding: payload, as: UTF8.self)) }
        requests.append(requestID)
    }
}

private func make(_ pool: PostgresPool, _ causes: [String], kind: String = "send", orderingKey: UUID? = nil) async throws {
    let queue = JobQueue(schema: "sample", pool: pool)
    let tenantID = UUID()
    try await pool.transaction { transaction in
        queue.enqueue(
            causes.map {
                NewJob(tenantID: tenantID, kind: kind, cause: $0, payload: Array($0.utf8), orderingKey: orderingKey)
            }, in: transaction)
    }
}

@Test func aJobThatDiesBehindItsEffectIsTheSameRequestAgain() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            struct Killed: Error {}
            let provider = Provider()
            let deaths = Mutex(0)
            let causes = (0..<12).map { "log/1/\($0)" }
            try await make(pool, causes)
            let worker = JobWorker(kinds: ["send"], schema: "sample", pool: pool, logger: .quiet) { job in
                await provider.receive(job.jobID, job.payload)
                // Dies behind the effect and before the answer is kept, at the first attempt of every third.
                if job.attempt == 1,
                    deaths.withLock({
                        $0 += 1; return $0 % 3 == 0
                    })
                {
                    throw Killed()
                }
                return .done { transaction in
                    try await transaction.query(
                        """
                        insert into sample.effect (tenant_id, event)
                        values (\(job.tenantID), \(String(decoding: job.payload, as: UTF8.self)))
                        """)
                }
            }
            let task = Task { try await worker.run() }
            let queue = JobQueue(schema: "sample", pool: pool)
            try await eventually { try await queue.count(kinds: ["send"]) == 0 }
            task.cancel()
            _ = await task.result
            let (effects, requests) = await (provider.effects, provider.requests)
            #expect(effects.sorted() == causes.sorted() && requests.count == 16)
            let recorded = try await database.withAdministrator { try await $0.query("select event from sample.effect").count }
            #expect(recorded == 12)
        }
    }
}

/// With polls an hour apart and nobody to tell of the pause's end.
@Test func aShortPauseIsWaitedForByWhoGaveIt() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            try await make(pool, ["1"])
            let worker = JobWorker(kinds: ["send"], schema: "sample", pool: pool, pollInterval: .seconds(3_600), logger: .quiet) {
                job in
                job.attempt < 3 ? .retry(after: .milliseconds(20)) : .done()
            }
            let task = Task { try await worker.run() }
            let queue = JobQueue(schema: "sample", pool: pool)
            try await eventually { try await queue.count(kinds: ["send"]) == 0 }
            task.cancel()
            _ = await task.result
        }
    }
}

@Test func jobsOfOneOrderingKeyRunOneAfterTheOther() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let provider = Provider()
            let causes = (10..<30).map { "\($0)" }
            try await make(pool, causes, orderingKey: UUID())
            let workers = (0..<2).map { _ in
                JobWorker(kinds: ["send"], schema: "sample", pool: pool, logger: .quiet) { job in
                    if job.attempt == 1, job.payload.last! % 5 == 0 { return .retry(after: .milliseconds(5)) }
                    await provider.receive(job.jobID, job.payload)
                    return .done()
                }
            }
            let tasks = workers.map { worker in Task { try await worker.run() } }
            let queue = JobQueue(schema: "sample", pool: pool)
            try await eventually { try await queue.count(kinds: ["send"]) == 0 }
            tasks.forEach { $0.cancel() }
            let effects = await provider.effects
            #expect(effects == causes)
        }
    }
}

@Test func aJobOfTheSameCauseIsNotMadeTwiceAndAFailedOneIsKept() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let queue = JobQueue(schema: "sample", pool: pool)
            let tenantID = UUID()
            for _ in 0..<2 {
                try await pool.transaction { transaction in
                    queue.enqueue([NewJob(tenantID: tenantID, kind: "send", cause: "a")], in: transaction)
                }
            }
            let made = try await queue.count(kinds: ["send"])
            #expect(made == 1)
            let worker = JobWorker(kinds: ["send"], schema: "sample", pool: pool, logger: .quiet) { _ in
                .failed(reason: "refused")
            }
            let task = Task { try await worker.run() }
            try await eventually {
                try await pool.query("select job_id from sample.job where failure = 'refused'").count == 1
            }
            task.cancel()
        }
    }
}

/// M5: a lease without a token. Two workers, the first of which sleeps through its lease, finish one job; whoever finishes
/// writes an effect.
@Test(arguments: [true, false])
func M5_theAuditCatchesALeaseWithoutAToken(withToken: Bool) async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            let owner = PostgresPool(PostgresConfiguration(url: database.ownerURL), logger: .quiet)
            defer { owner.close() }
            try await owner.query("create table sample.work (id int primary key, token bigint not null, done int not null)")
            try await owner.query("insert into sample.work (id, token, done) values (1, 0, 0)")
            func claim() async throws -> Int64 {
                try await pool.query("update sample.work set token = token + 1 where id = 1 returning token")[0]
                    .decode(Int64.self)
            }
            func finish(_ token: Int64) async throws {
                let guarded: SQL = withToken ? "token = \(token)" : "true"
                try await pool.query("update sample.work set done = done + 1 where id = 1 and \(fragment: guarded)")
            }
            let zombie = try await claim()
            // The zombie's lease runs out; another takes the job and finishes it; the zombie wakes.
            let other = try await claim()
            try await finish(other)
            try await finish(zombie)
            let done = try await pool.query("select done from sample.work")[0].decode(Int.self)
            #expect(done == (withToken ? 1 : 2))
        }
    }
}

@Test func aWorkerThatSleptThroughItsLeaseChangesNothing() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            try await make(pool, ["a"])
            let (entered, signal) = AsyncStream.makeStream(of: Void.self)
            let (resumed, resume) = AsyncStream.makeStream(of: Void.self)
            let zombie = JobWorker(
                kinds: ["send"], schema: "sample", pool: pool, concurrency: 1, lease: .seconds(60), logger: .quiet
            ) { job in
                signal.finish()
                for await _ in resumed {}
                return .done { transaction in
                    try await transaction.query(
                        "insert into sample.effect (tenant_id, event) values (\(job.tenantID), 'stale')")
                }
            }
            let task = Task { try await zombie.run() }
            for await _ in entered {}
            try await pool.query("update sample.job set lease_until = '-infinity', due_time = clock_timestamp()")
            let worker = JobWorker(kinds: ["send"], schema: "sample", pool: pool, logger: .quiet) { job in
                .done { transaction in
                    try await transaction.query(
                        "insert into sample.effect (tenant_id, event) values (\(job.tenantID), 'fresh')")
                }
            }
            let other = Task { try await worker.run() }
            let queue = JobQueue(schema: "sample", pool: pool)
            try await eventually { try await queue.count(kinds: ["send"]) == 0 }
            other.cancel()
            resume.finish()
            try await Task.sleep(for: .milliseconds(50))
            task.cancel()
            _ = await (task.result, other.result)
            try await database.withAdministrator { administrator in
                let rows = try await administrator.query("select event from sample.effect")
                #expect(try rows.map { try $0.decode(String.self) } == ["fresh"])
            }
        }
    }
}

/// A subquery with FOR UPDATE SKIP LOCKED that the planner runs once for each row of a small table takes another row each time: a
/// worker has what it asked for, and the others lie until their leases run out.
@Test func aClaimTakesNoMoreThanItAsksForHoweverSmallTheTableIs() async throws {
    try await withTestDatabase(migrating: sample) { database in
        try await database.withPool { pool in
            // As the planner sees a table that it has found nearly empty.
            try await make(pool, ["first"])
            try await database.withAdministrator { _ = try await $0.query("vacuum analyze sample.job") }
            try await make(pool, (1..<12).map { "\($0)" })
            let attempts = Mutex([Int]())
            let worker = JobWorker(
                kinds: ["send"], schema: "sample", pool: pool, concurrency: 1, lease: .seconds(1), logger: .quiet
            ) { job in
                attempts.withLock { $0.append(job.attempt) }
                return .done()
            }
            let task = Task { try await worker.run() }
            let queue = JobQueue(schema: "sample", pool: pool)
            try await eventually { try await queue.count(kinds: ["send"]) == 0 }
            task.cancel()
            _ = await task.result
            #expect(attempts.withLock { $0 } == Array(repeating: 1, count: 12))
        }
    }
}
