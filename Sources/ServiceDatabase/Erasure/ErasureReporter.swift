import EventLog
import FoundationEssentials
import GRPC
import Logging
import Postgres
import ServiceRuntime

/// What an erasure removed from one service (guarantee 20), as a job: contacts, whom it is told, may be away.
package struct ErasureReportJob: Codable, Sendable {
    package static let kind = "contacts.report_erasure"

    package let erasureID: String
    /// How much was touched, by the word for it.
    package let counts: [String: Int32]

    package init(erasureID: String, counts: [String: Int32]) {
        self.erasureID = erasureID
        self.counts = counts
    }
}

extension JobQueue {
    /// Asks for a report, if the transaction is committed.
    package func enqueue(_ report: ErasureReportJob, for tenantID: UUID, in transaction: Transaction) throws {
        let job = NewJob(
            tenantID: tenantID, kind: ErasureReportJob.kind, cause: report.erasureID,
            payload: try Array(JSONEncoder().encode(report)))
        enqueue([job], in: transaction)
    }
}

/// Tells contacts what an erasure removed here.
package struct ErasureReporter: Sendable {
    /// The report, as a call in the service's own name. Its second parameter is the call's request id, the same at each attempt.
    package typealias Send = @Sendable (ErasureReportJob, _ requestID: String) async throws -> Void

    private let schema: String
    private let pool: PostgresPool
    private let logger: Logger
    private let send: Send

    package init(schema: String, pool: PostgresPool, logger: Logger, send: @escaping Send) {
        self.schema = schema
        self.pool = pool
        self.logger = logger
        self.send = send
    }

    package var worker: JobWorker {
        JobWorker(kinds: [ErasureReportJob.kind], schema: schema, pool: pool, concurrency: 1, logger: logger, perform: report)
    }

    private func report(_ job: Job) async throws -> JobOutcome {
        guard let report = try? JSONDecoder().decode(ErasureReportJob.self, from: Data(job.payload)) else {
            return .failed(reason: "the job's payload cannot be read")
        }
        do {
            try await OutgoingIdentity.asService(for: job.tenantID) { try await send(report, job.jobID.text) }
            return .done()
        } catch let error as RPCError where error.code == .notFound {
            return .failed(reason: "contacts does not know the erasure")
        }
    }
}
