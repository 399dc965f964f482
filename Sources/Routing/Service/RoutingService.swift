import EventLog
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceDatabase
import ServiceRuntime

/// Distribution as it can be looked at. What has no file here answers UNIMPLEMENTED.
struct RoutingService: RoutingServiceProtocol {
    let surroundings: Surroundings
    let reader: SnapshotReader

    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, surroundings.pageTokens)
        let (entries, token): ([AuditEntry], String) = try await surroundings.read(context) { store in
            try await AuditTrail(schema: Surroundings.schema).page(
                query, of: store.tenantID, in: store.transaction, surroundings.pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}
