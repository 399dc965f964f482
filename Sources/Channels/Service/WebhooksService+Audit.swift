import ChannelsV1
import GRPC
import ServiceDatabase
import ServiceRuntime

// Who set what (P7).
extension WebhooksService {
    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, surroundings.pageTokens)
        let tenantID = try context.tenantID
        let (entries, token): ([AuditEntry], String) = try await surroundings.tenants.reading(context) { transaction in
            try await AuditTrail(schema: Surroundings.schema)
                .page(query, of: tenantID, in: transaction, surroundings.pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}
