import ServiceDatabase
import TenantDirectory

extension ChannelsModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("webhooks") { "select count(*) from channels.webhook where tenant_id = \($0)" }
        ],
        retention: [
            // Ended rows of the queues: what was handed over or given up, and told.
            RetentionCategory("deliveries", standard: .days(30), range: .days(1)...(.days(400))) {
                transaction, tenantID, before in
                let deleted = try await transaction.pipeline([
                    """
                    delete from channels.outbound
                    where tenant_id = \(tenantID) and message_id in (
                        select message_id
                        from channels.outbound
                        where tenant_id = \(tenantID) and update_time < \(before) and is_reported and status <> 'queued'
                        order by update_time
                        limit \(RetentionCategory.batchMax)
                        for update skip locked
                    )
                    """,
                    """
                    delete from channels.webhook_delivery
                    where tenant_id = \(tenantID) and delivery_id in (
                        select delivery_id
                        from channels.webhook_delivery
                        where tenant_id = \(tenantID) and update_time < \(before) and state <> 'pending'
                        order by update_time
                        limit \(RetentionCategory.batchMax)
                        for update skip locked
                    )
                    """,
                ])
                return deleted.reduce(0) { $0 + $1.affected }
            },
            .trail(of: name),
        ],
        mayDelete: KnownTenants.mayDelete(from: name))
}
