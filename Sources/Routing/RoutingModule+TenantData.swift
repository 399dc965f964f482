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
            // The audit trail (P7).
            RetentionCategory("logs", standard: .days(730), range: .days(90)...(.days(3_650))) { transaction, tenantID, before in
                try await transaction.query(
                    """
                    delete from routing.audit_entry
                    where tenant_id = \(tenantID) and audit_entry_id in (
                        select audit_entry_id
                        from routing.audit_entry
                        where tenant_id = \(tenantID) and occur_time < \(before)
                        order by occur_time
                        limit \(RetentionCategory.batchMax)
                    )
                    """
                ).affected
            }
        ],
        mayDelete: { transaction, tenantID in
            let rows = try await transaction.query("select state from routing.tenant where tenant_id = \(tenantID)")
            return try rows.first?.decode(String.self) != "active"
        })
}
