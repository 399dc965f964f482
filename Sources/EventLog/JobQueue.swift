package import FoundationEssentials
package import Logging
package import Postgres
import ServiceLifecycle

/// Work that has an effect outside the own schema: a row written with the cursor or with the change that calls for it.
package struct NewJob: Sendable, Hashable {
    package var tenantID: UUID
    package var kind: String
    /// Names the job's cause, such as "<log>/<partition>/<position>/notify": the request id is derived from it, and a second
    /// job of the same kind and cause is not made.
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
    package var jobID: UUID
    package var tenantID: UUID
    package var kind: String
    package var payload: [UInt8]
    /// The same at every attempt: the callee takes a retry for the same request.
    package var requestID: UUID
    /// 1 at the first attempt.
    package var attempt: Int
    /// The fencing token: grows with every lease.
    package var token: Int64
}

package enum JobOutcome: Sendable {
    /// Done; the effect, if any, is written in the transaction that ends the job.
    case done(@Sendable (Transaction) async throws -> Void = { _ in })
    /// Again after the back-off, or after this long.
    case retry(after: Duration? = nil)
    /// Will never succeed: kept as failed.
    case failed(reason: String)
}

package struct JobQueue: Sendable {
    package init(schema: String) {}
    package func enqueue(_ jobs: [NewJob], in transaction: Transaction) {}
}

/// Runs jobs under leases.
package struct JobWorker: ServiceLifecycle.Service {
    package init(
        kinds: [String], schema: String, pool: PostgresPool, concurrency: Int = 4, lease: Duration = .seconds(30), logger: Logger,
        perform: @escaping @Sendable (Job) async throws -> JobOutcome
    ) {}
    package func run() async throws {}
}
