import FoundationEssentials
import Postgres
import WallTime

/// One row of a report. What rows are not told apart by is empty.
struct TicketReportLine: Hashable, Sendable {
    var measure: TicketMeasure
    var day: String
    var department: String
    var agent: String
    var channel: String
    var label: String
    var priority: String
    var count: Int64
    var attained: Int64
    /// `nil`: only the number counts.
    var times: TicketTimes?

    /// What a page ends with.
    var keys: [String] { [measure.rawValue, day, department, agent, channel, label, priority] }
    static let keyCount = 7
}

/// Exact times over a row's samples.
struct TicketTimes: Hashable, Sendable {
    var sum: Duration
    var min: Duration
    var max: Duration
    var p50: Duration
    var p90: Duration
}

extension TicketStore {
    /// - Parameter ticket: its last line of history tells of the sample.
    func insert(_ sample: TicketSample, of ticket: Ticket) async throws {
        try await transaction.query(
            """
            insert into tickets.report_sample
                (tenant_id, measure, sample_time, ticket_id, history_number, department_id, agent_id, is_attained, microseconds)
            values
                (\(tenantID), \(sample.measure.rawValue), \(sample.time), \(ticket.id), \(ticket.historyCount),
                 \(ticket.fields.departmentID), \(ticket.fields.assigneeID), \(sample.isAttained),
                 \(sample.duration?.microseconds))
            """)
    }

    /// Rows of a report, in the order of their keys.
    /// - Parameter keys: the last row's of the page before.
    func report(_ query: TicketReportQuery, after keys: [String]?, limit: Int) -> SQL {
        let by = query.dimensions
        let last = keys ?? Array(repeating: "", count: TicketReportLine.keyCount)
        return """
            with counted as (
                select sample.measure collate "C" as measure,
                       case when \(by.contains(.day)) then to_char(sample.sample_time at time zone \(query.zone), 'YYYY-MM-DD')
                            else '' end collate "C" as day,
                       case when \(by.contains(.department)) then coalesce(sample.department_id::text, '')
                            else '' end collate "C" as department,
                       case when \(by.contains(.agent)) then coalesce(sample.agent_id::text, '')
                            else '' end collate "C" as agent,
                       case when \(by.contains(.channel)) then ticket.channel else '' end collate "C" as channel,
                       coalesce(label.label, '') collate "C" as label,
                       case when \(by.contains(.priority)) then coalesce(ticket.priority_id::text, '')
                            else '' end collate "C" as priority,
                       sample.is_attained, sample.microseconds
                from tickets.report_sample as sample
                join tickets.ticket using (tenant_id, ticket_id)
                left join lateral unnest(ticket.labels) as label (label) on \(by.contains(.label))
                where sample.tenant_id = \(tenantID) and sample.measure = any(\(query.measures.map(\.rawValue).sorted()))
                    and sample.sample_time >= \(query.start) and sample.sample_time < \(query.end)
                    and (\(query.departmentIDs.isEmpty) or sample.department_id = any(\(query.departmentIDs)))
                    and (\(query.agentIDs.isEmpty) or sample.agent_id = any(\(query.agentIDs)))
                    and (\(query.channels.isEmpty) or ticket.channel = any(\(query.channels)))
                    and (\(query.labels.isEmpty) or ticket.labels && \(query.labels))
                    and (\(query.priorityIDs.isEmpty) or ticket.priority_id = any(\(query.priorityIDs)))
            )
            select measure, day, department, agent, channel, label, priority, count(*) as count,
                   count(*) filter (where is_attained) as attained, sum(microseconds)::bigint as total,
                   min(microseconds) as shortest, max(microseconds) as longest,
                   -- In whole numbers, unlike percentile_disc, which multiplies with a float.
                   (array_agg(microseconds order by microseconds))[((count(*) + 1) / 2)::integer] as p50,
                   (array_agg(microseconds order by microseconds))[((count(*) * 9 + 9) / 10)::integer] as p90
            from counted
            where \(keys == nil)
                or (measure, day, department, agent, channel, label, priority)
                    > (\(last[0]), \(last[1]), \(last[2]), \(last[3]), \(last[4]), \(last[5]), \(last[6]))
            group by measure, day, department, agent, channel, label, priority
            order by measure, day, department, agent, channel, label, priority
            limit \(limit)
            """
    }
}

// MARK: - Rows

extension TicketReportLine {
    init(row: Row) throws {
        self.init(
            measure: try TicketMeasure(stored: row["measure"]), day: try row["day"], department: try row["department"],
            agent: try row["agent"], channel: try row["channel"], label: try row["label"],
            priority: try row["priority"], count: try row["count"], attained: try row["attained"])
        guard let sum: Int64 = try row["total"], let min: Int64 = try row["shortest"], let max: Int64 = try row["longest"],
            let p50: Int64 = try row["p50"], let p90: Int64 = try row["p90"]
        else { return }
        times = TicketTimes(
            sum: .microseconds(sum), min: .microseconds(min), max: .microseconds(max), p50: .microseconds(p50),
            p90: .microseconds(p90))
    }
}
