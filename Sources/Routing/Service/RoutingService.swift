import EventLog
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime

/// Distribution as it can be looked at. What has no file here answers UNIMPLEMENTED.
struct RoutingService: RoutingServiceProtocol {
    let surroundings: Surroundings
    let reader: SnapshotReader

    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        var reading = RequestReading(request)
        reading.violations.text(request.subject, "subject", 0...100)
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let list = NewestFirst(
            surroundings.pageTokens, ["ListAuditEntries", try context.tenantID.text, request.subject])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            try await store.auditEntries(
                subject: request.subject.isEmpty ? nil : request.subject, before: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit, \.id)
        return ListAuditEntriesResponse(auditEntries: page.map(\.wire), nextPageToken: token)
    }
}
