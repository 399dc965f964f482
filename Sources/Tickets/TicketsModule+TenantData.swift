import ServiceDatabase
import TenantDirectory

extension TicketsModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("tickets") { "select count(*) from tickets.ticket where tenant_id = \($0)" }
        ],
        retention: [
            // Of tickets that are over: what was said in them, with its files, and their description. Number, subject, clocks and history stay.
            RetentionCategory("messages", standard: nil, range: .days(30)...(.days(3_650))) { transaction, tenantID, before in
                try await transaction.query(
                    """
                    with old as (
                        select ticket_id
                        from tickets.ticket
                        where tenant_id = \(tenantID) and end_time < \(before) and purge_time is null
                          and status in ('closed', 'cancelled')
                        order by end_time
                        limit \(RetentionCategory.batchMax)
                        for update skip locked
                    ), comments as (
                        delete from tickets.ticket_comment
                        where tenant_id = \(tenantID) and ticket_id in (select ticket_id from old)
                    ), files as (
                        delete from tickets.ticket_attachment
                        where tenant_id = \(tenantID) and ticket_id in (select ticket_id from old)
                    )
                    update tickets.ticket
                    set description = '', purge_time = \(before), version = version + 1
                    where tenant_id = \(tenantID) and ticket_id in (select ticket_id from old)
                    """
                ).affected
            },
            .trail(of: name),
        ],
        mayDelete: KnownTenants.mayDelete(from: name))
}
