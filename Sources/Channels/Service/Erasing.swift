import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime

extension Surroundings {
    /// Removes what names an erased person, and asks for the report to contacts (guarantee 20). Webhooks' bodies hold ids, states
    /// and times: there is nothing of him in them.
    func erase(for event: ContactEvent, _ tenantID: UUID, _ transaction: Transaction) async throws {
        guard event.kind == .erased else { return }
        let people = event.erasedContactIDs.isEmpty ? [event.contactID] : event.erasedContactIDs
        let ids = people.compactMap { UUID(id: $0) }
        let store = OutboundStore(transaction: transaction, tenantID: tenantID)
        try await store.holdErasures()
        try await store.markErased(ids)
        let messages = try await store.forget(messagesTo: ids)
        let report = ErasureReportJob(
            erasureID: event.erasureID,
            counts: [
                "outbound_messages": Int32(clamping: messages.count),
                "stored_answers": Int32(clamping: try await store.emptyAnswers(about: messages)),
            ])
        jobs.enqueue(
            [
                NewJob(
                    tenantID: tenantID, kind: ErasureReportJob.kind, cause: event.erasureID,
                    payload: try Array(JSONEncoder().encode(report)))
            ], in: transaction)
    }
}

/// The report of an erasure, as a job: contacts may be away.
struct ErasureReportJob: Codable, Sendable {
    static let kind = "contacts.report_erasure"

    let erasureID: String
    let counts: [String: Int32]
}

/// Tells contacts what an erasure removed here. The job's id is the request's, so that an attempt too many is the same report.
struct ErasureReporter: Sendable {
    let surroundings: Surroundings
    let contacts: GRPC.Channel

    var worker: JobWorker {
        JobWorker(
            kinds: [ErasureReportJob.kind], schema: Surroundings.schema, pool: surroundings.tenants.pool, concurrency: 1,
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
