import ServiceRuntime
import TenantDirectory

extension KnownTenants {
    /// Whose snippets a caller sees. Who manages them sees all (C22: Operator and Admin belong to every department), and so does
    /// a service on its own behalf; a bot belongs to no department.
    func viewer(_ principal: Principal) async throws -> SnippetViewer {
        if principal.kind == .service || principal.has(.templatesManage) { return .all }
        guard let tenantID = principal.tenantID, let agentID = principal.agentID else { return .member(of: []) }
        return .member(of: try await departments(of: agentID, in: tenantID))
    }
}
