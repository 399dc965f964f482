import GRPC
import ServiceDatabase
import ServiceRuntime
import TemplatesV1

// Who set what (P7).
extension TemplatesService {
    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, surroundings.pageTokens)
        let (entries, token): ([AuditEntry], String) = try await surroundings.reading(context) { transaction, tenantID in
            try await AuditTrail(schema: TemplatesModule.name)
                .page(query, of: tenantID, in: transaction, surroundings.pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}
