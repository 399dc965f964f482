import EventLog
import FoundationEssentials
import Postgres
import WallTime

/// What every service holds.
extension RetentionCategory {
    /// The log drops whole months by itself; who wants less has his own events deleted. The shortest is long enough for readers
    /// that were away: they find no trace of what is gone.
    static func events(of schema: String) -> RetentionCategory {
        var category = RetentionCategory("events", standard: EventLog.retention, range: .days(30)...EventLog.retention) {
            transaction, tenantID, before in
            try await transaction.query(
                """
                delete from \(identifier: schema).event
                where (partition, position, record_time) in (
                    select partition, position, record_time
                    from \(identifier: schema).event
                    where partition = \(Int16(EventLog.partition(of: tenantID))) and tenant_id = \(tenantID)
                      and time < \(before)
                    order by position
                    limit \(batchMax)
                )
                """
            ).affected
        }
        category.onlyChosen = true
        return category
    }

    /// Machine time: a repetition is as late as the network makes it, whatever the product's clock says.
    static func storedAnswers(of schema: String) -> RetentionCategory {
        let standard = IdempotencyStore.retention
        var category = RetentionCategory("stored_answers", standard: standard, range: .days(1)...standard) {
            transaction, tenantID, before in
            try await transaction.query(
                """
                delete from \(identifier: schema).idempotent_request
                where (tenant_id, principal, method, request_id) in (
                    select tenant_id, principal, method, request_id
                    from \(identifier: schema).idempotent_request
                    where tenant_id = \(tenantID) and expire_time < \(before) + \(standard)
                    limit \(batchMax)
                    for update skip locked
                )
                """
            ).affected
        }
        category.onlyChosen = true
        category.isMachineTime = true
        return category
    }
}
