import ContactsV1
import GRPC
import ServiceDatabase

extension ErasureReporter {
    init(_ surroundings: Surroundings, contacts: GRPC.Channel) {
        let client = ContactPrivacyServiceClient(contacts)
        self.init(schema: Surroundings.schema, pool: surroundings.pool, logger: surroundings.logger) { job, requestID in
            let report = ErasureReport(service: Surroundings.schema, counts: job.counts)
            let request = ReportErasureRequest(erasureID: job.erasureID, report: report, requestID: requestID)
            _ = try await client.reportErasure(request)
        }
    }
}
