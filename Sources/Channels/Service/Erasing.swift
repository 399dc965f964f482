import ContactsV1
import EventLog
import FoundationEssentials
import GRPC
import Postgres
import ServiceDatabase
import ServiceRuntime

extension Surroundings {
    /// Removes what names an erased person, and asks for the report to contacts (guarantee 20). Webhooks' bodies hold ids, states
    /// and times: there is nothing of him in them.
    func erase(for event: ContactEvent, _ tenantID: UUID, _ transaction: Transaction) async throws {
        guard event.kind == .erased else { return }
        let people = event.erasedContactIDs.isEmpty ? [event.contactID] : event.erasedContactIDs
        let ids = people.compactMap { UUID(id: $0) }
        let store = OutboundStore(transaction: transaction, tenantID: tenantID)
        try await store.erased.add(ids)
        let messages = try await store.forget(messagesTo: ids)
        let report = ErasureReportJob(
            erasureID: event.erasureID,
            counts: [
                "outbound_messages": Int32(clamping: messages.count),
                "stored_answers": try await store.emptyAnswers(about: messages),
            ])
        try jobs.enqueue(report, for: tenantID, in: transaction)
    }
}

extension ErasureReporter {
    init(_ surroundings: Surroundings, contacts: GRPC.Channel) {
        let client = ContactPrivacyServiceClient(contacts)
        self.init(schema: Surroundings.schema, pool: surroundings.tenants.pool, logger: surroundings.logger) { job, requestID in
            let report = ErasureReport(service: Surroundings.schema, counts: job.counts)
            let request = ReportErasureRequest(erasureID: job.erasureID, report: report, requestID: requestID)
            _ = try await client.reportErasure(request)
        }
    }
}
