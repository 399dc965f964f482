import FoundationEssentials
import Postgres
import WallTime

/// What stands in a department's queue and beyond it.
struct QueueCounts: Sendable, Hashable {
    var queued: Int32 = 0
    var offered: Int32 = 0
    var open: Int32 = 0
    var pendingWaiting: Int32 = 0
    var windowsClosing: Int32 = 0
    var oldestArrival: Instant?
}

extension RoutingStore {
    /// By department; what belongs to none is left out.
    func queueCounts(closingBefore time: Instant) async throws -> [DepartmentID: QueueCounts] {
        let rows = try await transaction.query(
            """
            select department_id,
                (count(*) filter (where state = 'queued'))::integer as queued,
                (count(*) filter (where state = 'offered'))::integer as offered,
                (count(*) filter (where state = 'open'))::integer as open,
                (count(*) filter (where state = 'pending' and waiting_on_agent))::integer as pending_waiting,
                (count(*) filter (where waiting_on_agent and state <> 'expired' and reply_window_expire_time <= \(time)))::integer
                    as windows_closing,
                min(arrival_time) filter (where state = 'queued') as oldest_arrival
            from routing.conversation
            where tenant_id = \(tenantID) and department_id is not null
            group by department_id
            """)
        return try Dictionary(
            uniqueKeysWithValues: rows.map { row in
                (
                    try row["department_id", as: DepartmentID.self],
                    QueueCounts(
                        queued: try row["queued"], offered: try row["offered"], open: try row["open"],
                        pendingWaiting: try row["pending_waiting"], windowsClosing: try row["windows_closing"],
                        oldestArrival: try row["oldest_arrival"])
                )
            })
    }

    /// What each agent carries, by our own rows.
    func loads() async throws -> [AgentID: [SlotPool: Int]] {
        let rows = try await transaction.query(
            """
            select assignee_id, pool, count(*)::integer
            from routing.conversation
            where tenant_id = \(tenantID) and assignee_id is not null and state in ('offered', 'open')
            group by assignee_id, pool
            """)
        var loads: [AgentID: [SlotPool: Int]] = [:]
        for row in rows {
            let (agent, pool, count) = try row.decode((AgentID, String, Int32).self)
            loads[agent, default: [:]][try SlotPool(stored: pool)] = Int(count)
        }
        return loads
    }
}
