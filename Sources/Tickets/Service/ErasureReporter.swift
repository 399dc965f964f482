import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import ServiceRuntime

/// Tells contacts what an erasure removed here. The job's id is the request's, so that an attempt too many is the same report.
struct ErasureReporter: Sendable {
    let surroundings: Surroundings
    let contacts: GRPC.Channel

    var worker: JobWorker {
        JobWorker(
            kinds: [ErasureReportJob.kind], schema: Surroundings.schema, pool: surroundings.pool, concurrency: 1,
            logger: surroundings.logger, perform: report)
    }

    private func report(_ job: Job) async throws -> JobOutcome {
        guard let payload = try? JSONDecoder().decode(ErasureReportJob.self, from: Data(job.payload)) else {
            return .failed(reason: "the job's payload cannot be read")
        }
        let request = ReportErasureRequest(
            erasureID: payload.erasureID, report: ErasureReport(service: Surroundings.schema, counts: payload.counts),
            requestID: job.jobID.text)
        do {
            _ = try await OutgoingIdentity.asService(for: job.tenantID) {
                try await ContactPrivacyServiceClient(contacts).reportErasure(request)
            }
            return .done()
        } catch let error as RPCError where error.code == .notFound {
            return .failed(reason: "contacts does not know the erasure")
        }
    }
}
