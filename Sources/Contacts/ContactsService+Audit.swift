import ContactsV1
import GRPC
import ServiceDatabase
import ServiceRuntime

// Who set what (P7).
extension ContactsService {
    func listAuditEntries(
        _ request: ListAuditEntriesRequest, _ context: ServerContext
    ) async throws -> ListAuditEntriesResponse {
        let query = try AuditQuery(request, context, pageTokens)
        let (entries, token): ([AuditEntry], String) = try await reading(context) { store in
            try await AuditTrail(schema: ContactsModule.name)
                .page(query, of: store.tenantID, in: store.transaction, pageTokens)
        }
        return ListAuditEntriesResponse(auditEntries: entries, nextPageToken: token)
    }
}

extension ListAuditEntriesRequest: AuditEntriesRequest {}
extension AuditEntry: AuditEntryMessage {}
