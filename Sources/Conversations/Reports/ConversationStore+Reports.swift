import FoundationEssentials
import Postgres
import WallTime

// MARK: - What reports count

extension ConversationStore {
    /// Sent together with COMMIT; the conversation's version is the one it will have then.
    func insert(_ sample: ReportSample, of conversation: Conversation, at now: Instant) {
        transaction.beforeCommit(
            """
            insert into conversations.report_sample
                (tenant_id, measure, sample_time, conversation_id, version, channel, department_id, agent_id, microseconds)
            values
                (\(tenantID), \(sample.measure.rawValue), \(now), \(conversation.id), \(conversation.version + 1),
                 \(conversation.channel.rawValue), \(sample.departmentID), \(sample.agentID),
                 \(sample.duration?.wholeMicroseconds))
            """)
    }

    /// Rows of a report, in the order of their keys.
    /// - Parameters:
    ///   - zone: whose days are meant.
    ///   - keys: the last row's of the page before.
    func report(_ query: ReportQuery, zone: String, after keys: [String]?, limit: Int) -> SQL {
        let by = query.dimensions
        let last = keys ?? Array(repeating: "", count: ReportRow.keyCount)
        return """
            with counted as (
                select sample.measure collate "C" as measure,
                       case when \(by.contains(.day)) then to_char(sample.sample_time at time zone \(zone), 'YYYY-MM-DD')
                            else '' end collate "C" as day,
                       case when \(by.contains(.department)) then coalesce(sample.department_id::text, '')
                            else '' end collate "C" as department,
                       case when \(by.contains(.agent)) then coalesce(sample.agent_id::text, '')
                            else '' end collate "C" as agent,
                       case when \(by.contains(.channel)) then sample.channel else '' end collate "C" as channel,
                       coalesce(label.label, '') collate "C" as label,
                       case when \(by.contains(.priority)) then conversation.priority else 0 end as priority,
                       sample.microseconds
                from conversations.report_sample as sample
                join conversations.conversation using (tenant_id, conversation_id)
                left join lateral unnest(conversation.labels) as label (label) on \(by.contains(.label))
                where sample.tenant_id = \(tenantID) and sample.measure = any(\(query.measures.map(\.rawValue).sorted()))
                    and sample.sample_time >= \(query.start) and sample.sample_time < \(query.end)
                    -- C53.
                    and not conversation.spam
                    and (\(query.departmentIDs.isEmpty) or sample.department_id = any(\(query.departmentIDs)))
                    and (\(query.agentIDs.isEmpty) or sample.agent_id = any(\(query.agentIDs)))
                    and (\(query.channels.isEmpty) or sample.channel = any(\(query.channels.map(\.rawValue))))
                    and (\(query.labels.isEmpty) or conversation.labels && \(query.labels))
                    and (\(query.priorities.isEmpty) or conversation.priority = any(\(query.priorities)))
            )
            select measure, day, department, agent, channel, label, priority, count(*) as count,
                   sum(microseconds)::bigint as total, min(microseconds) as shortest, max(microseconds) as longest,
                   -- In whole numbers, unlike percentile_disc, which multiplies with a float.
                   (array_agg(microseconds order by microseconds))[((count(*) + 1) / 2)::integer] as p50,
                   (array_agg(microseconds order by microseconds))[((count(*) * 9 + 9) / 10)::integer] as p90
            from counted
            where \(keys == nil)
                or (measure, day, department, agent, channel, label, priority)
                    > (\(last[0]), \(last[1]), \(last[2]), \(last[3]), \(last[4]), \(last[5]), \(Int16(last[6]) ?? 0))
            group by measure, day, department, agent, channel, label, priority
            order by measure, day, department, agent, channel, label, priority
            limit \(limit)
            """
    }
}

// MARK: - Who waits

extension ConversationStore {
    /// Sent together with COMMIT, as what follows.
    func enterQueue(_ conversation: Conversation, _ place: QueuePlace, at now: Instant) {
        transaction.beforeCommit(
            """
            insert into conversations.queue_stay
                (tenant_id, conversation_id, version, department_id, arrival_time, enter_time)
            values
                (\(tenantID), \(conversation.id), \(conversation.version + 1), \(place.departmentID), \(place.arrival), \(now))
            """)
    }

    func leaveQueue(_ conversation: UUID, at now: Instant) {
        transaction.beforeCommit(
            """
            update conversations.queue_stay
            set leave_time = \(now)
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and leave_time = 'infinity'
            """)
    }

    /// Who waited at an instant, in the order of the queue, with the line of history that had brought each there.
    func queue(
        at instant: Instant, departmentIDs: [UUID], after place: (arrival: Instant, id: UUID)?, limit: Int
    ) -> SQL {
        """
        select stay.conversation_id, stay.arrival_time as place_time, entry.*
        from conversations.queue_stay as stay
        join lateral (
            select \(fragment: Self.historyColumns)
            from conversations.history
            where tenant_id = stay.tenant_id and conversation_id = stay.conversation_id and occur_time <= \(instant)
            order by number desc
            limit 1
        ) as entry on true
        where stay.tenant_id = \(tenantID) and stay.leave_time > \(instant) and stay.enter_time <= \(instant)
            and (\(departmentIDs.isEmpty) or stay.department_id = any(\(departmentIDs)))
            and (\(place == nil) or (stay.arrival_time, stay.conversation_id) > (\(place?.arrival), \(place?.id)::uuid))
        order by stay.arrival_time, stay.conversation_id
        limit \(limit)
        """
    }
}

// MARK: - Rows

extension ReportRow {
    init(row: Row) throws {
        measure = try row.word("measure")
        day = try row["day"]
        department = try row["department"]
        agent = try row["agent"]
        let word: String = try row["channel"]
        channel = word.isEmpty ? nil : try row.word("channel")
        label = try row["label"]
        priority = try row["priority"]
        count = try row["count"]
        guard let sum: Int64 = try row["total"], let min: Int64 = try row["shortest"], let max: Int64 = try row["longest"],
            let p50: Int64 = try row["p50"], let p90: Int64 = try row["p90"]
        else { return }
        times = ReportTimes(
            sum: .microseconds(sum), min: .microseconds(min), max: .microseconds(max), p50: .microseconds(p50),
            p90: .microseconds(p90))
    }
}

extension Duration {
    fileprivate var wholeMicroseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
