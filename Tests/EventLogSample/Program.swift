import EventLog
import Foundation
import Logging
import Postgres
import Synchronization

/// A consumer and a worker in a process of their own, for tests that kill it between any two of its steps: each event of the
/// schema `sample` has one effect inside and, by a job, one request to a provider, kept in the schema `provider`.
///
/// Its one argument is the database's URL, or `points` to list its failpoints. From the environment: `KILL_AT` a point at which
/// it kills itself, `STOP_AT` one at which it stops itself, each at the second passing; `PLANT` a mistake, `M2` or `M5`.
@main
enum Program {
    static func main() async throws {
        let argument = CommandLine.arguments[1]
        guard argument != "points" else { return print(Point.allCases.map(\.rawValue).joined(separator: "\n")) }
        var logger = Logger(label: "sample")
        logger.logLevel = .error
        let pool = PostgresPool(PostgresConfiguration(url: argument, applicationName: "sample"), logger: logger)
        let sample = Sample(pool: pool, logger: logger, plant: ProcessInfo.processInfo.environment["PLANT"] ?? "")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await sample.consumer.run() }
            group.addTask { try await sample.worker.run() }
            group.addTask { try await sample.relayFromMemory() }
            try await group.waitForAll()
        }
    }
}

/// The moments between two steps.
enum Point: String, CaseIterable {
    case leaseTaken, eventRead, cursorMoved, effectWritten, effectCommitted
    case jobTaken, requestSent, jobEnded, jobEndCommitted

    private static let passings = Mutex([Point: Int]())

    func pass() {
        let count = Self.passings.withLock { passings in
            passings[self, default: 0] += 1
            return passings[self]!
        }
        let environment = ProcessInfo.processInfo.environment
        // A process passes some only once.
        guard count == 2 || (count == 1 && self == .leaseTaken) else { return }
        if environment["KILL_AT"] == rawValue { kill(getpid(), SIGKILL) }
        // To this thread: where the kernel chose another one of the process, this one would run on until that one is scheduled.
        if environment["STOP_AT"] == rawValue { raise(SIGSTOP) }
    }
}

struct Sample: Sendable {
    let pool: PostgresPool
    let logger: Logger
    let plant: String
    private let unsent: AsyncStream<NewJob>
    private let relay: AsyncStream<NewJob>.Continuation

    init(pool: PostgresPool, logger: Logger, plant: String) {
        self.pool = pool
        self.logger = logger
        self.plant = plant
        (unsent, relay) = AsyncStream.makeStream(of: NewJob.self)
    }

    private var queue: JobQueue { JobQueue(schema: "sample", pool: pool) }

    var consumer: EventConsumer<Event> {
        let log = EventLog(schema: "sample", pool: pool, logger: logger)
        return EventConsumer(
            name: "sample.effects", schema: "sample", pool: pool, lease: .milliseconds(600), batchMax: 4, logger: logger,
            source: { _, cursor in
                Point.leaseTaken.pass()
                return ItemSequence(batches: log.batches(after: cursor.flatMap { Cursor($0) }))
            },
            apply: apply)
    }

    private func apply(_ event: Event, _ transaction: Transaction) async throws {
        Point.cursorMoved.pass()
        let number = event.attributes["number"]!
        try await record("applied \(number)", event.tenantID, transaction)
        let job = NewJob(
            tenantID: event.tenantID, kind: "send", cause: "\(event.partition)/\(event.position)", payload: Array(number.utf8))
        if plant == "M2" {
            transaction.afterCommit { relay.yield(job) }
        } else {
            queue.enqueue([job], in: transaction)
        }
        Point.effectWritten.pass()
        transaction.afterCommit { Point.effectCommitted.pass() }
    }

    /// M2: the job's row outside the transaction of its cause, some time later.
    func relayFromMemory() async throws {
        for await job in unsent {
            try await Task.sleep(for: .milliseconds(20))
            try await pool.transaction { queue.enqueue([job], in: $0) }
        }
    }

    var worker: JobWorker {
        JobWorker(
            kinds: ["send"], schema: "sample", pool: pool, concurrency: 1, lease: .milliseconds(600), logger: logger
        ) { job in
            Point.jobTaken.pass()
            let number = String(decoding: job.payload, as: UTF8.self)
            // The provider: it knows a request that it has carried out.
            try await pool.query(
                """
                insert into provider.request as known (request_id, number) values (\(job.jobID), \(number))
                on conflict (request_id) do update set count = known.count + 1
                """)
            Point.requestSent.pass()
            // M5: the end of a job whoever holds its lease, and though the worker was told that it is lost.
            if plant == "M5" {
                let options = TransactionOptions(settings: ["switchboard.tenant_id": job.tenantID.uuidString])
                try await Task { try await pool.transaction(options) { try await record("sent \(number)", job.tenantID, $0) } }
                    .value
                return .done()
            }
            return .done { transaction in
                try await record("sent \(number)", job.tenantID, transaction)
                Point.jobEnded.pass()
                transaction.afterCommit { Point.jobEndCommitted.pass() }
            }
        }
    }

    /// Counts how often something took effect.
    private func record(_ what: String, _ tenantID: UUID, _ transaction: Transaction) async throws {
        try await transaction.query(
            """
            insert into sample.effect (tenant_id, event) values (\(tenantID), \(what))
            on conflict (tenant_id, event) do update set count = effect.count + 1
            """)
    }
}

/// The log as a consumer takes it, without a wire between.
struct ItemSequence: AsyncSequence, Sendable {
    let batches: EventBatchSequence

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(batches: batches.makeAsyncIterator()) }

    struct AsyncIterator: AsyncIteratorProtocol {
        var batches: EventBatchSequence.AsyncIterator
        var items: ArraySlice<ConsumedItem<Event>> = []

        mutating func next() async throws -> ConsumedItem<Event>? {
            while items.isEmpty {
                guard let batch = try await batches.next() else { return nil }
                items = batch.events.map { .event($0, tenantID: $0.tenantID, cursor: $0.cursor.description) }[...]
                items.append(.progress(cursor: batch.cursor.description))
            }
            let item = items.removeFirst()
            if case .event = item { Point.eventRead.pass() }
            return item
        }
    }
}
