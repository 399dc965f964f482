import ServiceDatabase

extension RoutingModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("agents") {
                "select count(*) from routing.agent where tenant_id = \($0) and state = 'active'"
            },
            TenantData.Figure("departments") {
                "select count(*) from routing.department where tenant_id = \($0) and state = 'active'"
            },
            TenantData.Figure("api_keys") {
                "select count(*) from routing.api_key where tenant_id = \($0) and revoke_time is null"
            },
        ],
        retention: [
            .trail(of: name)
        ],
        mayDelete: { transaction, tenantID in
            let rows = try await transaction.query("select state from routing.tenant where tenant_id = \(tenantID)")
            return try rows.first?.decode(String.self) != "active"
        })
}
