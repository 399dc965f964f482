package import Logging
package import Postgres
internal import ServiceLifecycle

/// Runs jobs under leases, several at once. A job whose lease was lost is cancelled, and its end changes nothing.
package struct JobWorker: ServiceLifecycle.Service {
    /// A pause as short as this is waited for by the worker that has given it; a longer one may last until the next look.
    static let pauseAwaited: Duration = .milliseconds(100)

    private let kinds: [String]
    private let queue: JobQueue
    private let concurrency: Int
    private let lease: Duration
    private let pollInterval: Duration
    private let logger: Logger
    private let perform: @Sendable (Job) async throws -> JobOutcome

    /// - Parameters:
    ///   - lease: after this long without a sign of life another worker takes the job.
    ///   - pollInterval: how long a due job can lie when its hint is lost.
    ///   - perform: the effect outside, with the job's id as request_id. What it throws is a retry after the back-off.
    package init(
        kinds: [String], schema: String, pool: PostgresPool, concurrency: Int = 4, lease: Duration = .seconds(30),
        pollInterval: Duration = .seconds(1), logger: Logger,
        perform: @escaping @Sendable (Job) async throws -> JobOutcome
    ) {
        self.kinds = kinds
        self.queue = JobQueue(schema: schema, pool: pool)
        self.concurrency = concurrency
        self.lease = lease
        self.pollInterval = pollInterval
        self.logger = logger
        self.perform = perform
    }

    package func run() async throws {
        try await cancelWhenGracefulShutdown {
            try await withThrowingTaskGroup(of: Void.self) { group in
                // Each looks for itself; a job is run by the one whose claim it was.
                for _ in 0..<concurrency { group.addTask { try await work() } }
                try await group.waitForAll()
            }
        }
    }

    private func work() async throws {
        var failures = 0
        var hints = queue.hints(atLeastEvery: pollInterval).makeAsyncIterator()
        while !Task.isCancelled {
            do {
                if let job = try await queue.claim(kinds, limit: 1, lease: lease).first {
                    await run(job)
                } else {
                    _ = await hints.next()
                }
                failures = 0
            } catch is CancellationError {
                return
            } catch {
                failures += 1
                logger.warning("cannot claim jobs", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: Backoff.pause(afterFailures: failures))
            }
        }
    }

    private func run(_ job: Job) async {
        var logger = logger
        logger[metadataKey: "job"] = "\(job.jobID)"
        logger[metadataKey: "kind"] = "\(job.kind)"
        do {
            switch try await performUnderLease(job) {
            case .done(let effect): try await queue.finish(job, effect)
            case .retry(let delay):
                let delay = delay ?? Backoff.pause(afterFailures: job.attempt)
                try await queue.postpone(job, by: delay)
                // Nobody is told when it is over.
                if delay <= Self.pauseAwaited { try await Task.sleep(for: delay) }
            case .failed(let reason):
                logger.error("job failed for good", metadata: ["reason": "\(reason)"])
                try await queue.fail(job, reason: reason)
            }
        } catch is LeaseLost {
            logger.info("another worker took the job over")
        } catch is CancellationError {
            // The lease runs out, and the job is taken again.
        } catch {
            logger.warning("job interrupted", metadata: ["attempt": "\(job.attempt)", "error": "\(error)"])
            await giveBack(job)
        }
    }

    /// Says that the job may be taken again; repeated where the database is away, or the job would lie until its lease runs
    /// out, which is when another takes it anyhow.
    private func giveBack(_ job: Job) async {
        let end = ContinuousClock.now + lease
        var failures = 0
        while !Task.isCancelled, ContinuousClock.now < end {
            if (try? await queue.postpone(job, by: Backoff.pause(afterFailures: job.attempt))) != nil { return }
            failures += 1
            try? await Task.sleep(for: Backoff.pause(afterFailures: failures))
        }
    }

    private func performUnderLease(_ job: Job) async throws -> JobOutcome {
        try await withThrowingTaskGroup(of: JobOutcome.self) { group in
            group.addTask { try await perform(job) }
            group.addTask { try await Lease.keep(for: lease) { try await queue.renew(job, lease: lease) } }
            defer { group.cancelAll() }
            return try await group.next()!
        }
    }
}
