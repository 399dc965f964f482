import EventLog
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import WallTime

/// Distribution as it can be looked at. What has no file here answers UNIMPLEMENTED.
struct RoutingService: RoutingServiceProtocol {
    let surroundings: Surroundings
    let reader: SnapshotReader

    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        var reading = RequestReading(request)
        reading.violations.text(request.subject, "subject", 0...100)
        reading.violations.text(request.actor, "actor", 0...200)
        let filter = AuditFilter(
            subject: request.subject, actor: request.actor, start: request.startTime.map(Instant.init),
            end: request.endTime.map(Instant.init))
        if let start = filter.start, let end = filter.end {
            reading.violations.require(start <= end, "end_time", "lies before start_time")
        }
        try reading.finish()
        let limit = try pageSize(request.pageSize)
        let list = NewestFirst(
            surroundings.pageTokens,
            [
                "ListAuditEntries", try context.tenantID.text, request.subject, request.actor,
                filter.start.map { "\($0.microseconds)" } ?? "", filter.end.map { "\($0.microseconds)" } ?? "",
            ])
        let place = try list.place(request.pageToken)
        let found = try await surroundings.read(context) { store in
            try await store.auditEntries(filter, before: place, limit: limit + 1)
        }
        let (page, token) = list.page(found, limit: limit, \.id)
        return ListAuditEntriesResponse(auditEntries: page.map(\.wire), nextPageToken: token)
    }
}
