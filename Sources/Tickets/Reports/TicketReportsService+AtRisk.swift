import FoundationEssentials
import GRPC
import Postgres
import ServiceRuntime
import TicketsV1

// The board's share of tickets (C55).
extension TicketReportsService {
    private static let departmentsMax = 200

    func countSlasAtRisk(_ request: CountSlasAtRiskRequest, _ context: ServerContext) async throws -> CountSlasAtRiskResponse {
        var violations = Violations()
        let departments = violations.ids(request.departmentIDs, "department_ids", max: Self.departmentsMax)
        try violations.check()
        return try await surroundings.read(context) { work in
            CountSlasAtRiskResponse(
                departments: try await work.store.slasAtRisk(in: departments, internal: work.caller.seesInternal))
        }
    }
}

extension TicketStore {
    /// Tickets with a clock that runs and has warned or run out; each counts once.
    /// - Parameter departments: none: all, and none.
    fileprivate func slasAtRisk(in departments: [UUID], internal: Bool) async throws -> [SlasAtRisk] {
        try await transaction.query(
            """
            with late as (
                select ticket_id, bool_or(breach_time is not null) as breached
                from tickets.ticket_clock
                where tenant_id = \(tenantID) and state = 'running' and (warned_time is not null or breach_time is not null)
                group by ticket_id
            )
            select department_id,
                (count(*) filter (where not breached))::integer as at_risk,
                (count(*) filter (where breached))::integer as breached
            from late
            join tickets.ticket using (ticket_id)
            where tenant_id = \(tenantID)
                and (\(departments.isEmpty) or department_id = any(\(departments)))
                and (\(`internal`) or type = 'public')
            group by department_id
            order by department_id nulls first
            """
        ).map { row in
            let department: UUID? = try row["department_id"]
            return SlasAtRisk(departmentID: department.text, atRisk: try row["at_risk"], breached: try row["breached"])
        }
    }
}
