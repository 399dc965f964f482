import FoundationEssentials
import Postgres
import WallTime

extension RoutingStore {
    func conversation(_ id: ConversationID) async throws -> ServedConversation? {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and conversation_id = \(id)
            """
        ).only.map(ServedConversation.init(row:))
    }

    /// The conversation, locked until the transaction ends.
    func lockedConversation(_ id: ConversationID) async throws -> ServedConversation? {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and conversation_id = \(id)
            for update
            """
        ).only.map(ServedConversation.init(row:))
    }

    /// The queue of a department (`nil`: of what belongs to none), in its order.
    func queue(of department: DepartmentID?, byPriority: Bool, limit: Int) async throws -> [ServedConversation] {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and department_id is not distinct from \(department) and state = 'queued'
            order by case when \(byPriority) then priority else 0 end desc, arrival_time, conversation_id
            limit \(limit)
            """
        ).map(ServedConversation.init(row:))
    }

    /// What an agent has, in these states.
    func conversations(of agent: AgentID, in states: [ServedConversation.State]) async throws -> [ServedConversation] {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and assignee_id = \(agent) and state = any(\(states.map(\.rawValue)))
            order by waiting_since_time nulls last, conversation_id
            """
        ).map(ServedConversation.init(row:))
    }

    /// The agents for whom conversations wait that were paused by their disconnection.
    func disconnectedAssignees() async throws -> [ServedConversation] {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and state = 'pending' and state_reason = 'disconnected' and assignee_id is not null
            """
        ).map(ServedConversation.init(row:))
    }

    /// What is paused in a department and waits for its agents (C13).
    func pausedAndWaiting(in department: DepartmentID) async throws -> [ServedConversation] {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and department_id = \(department) and state = 'pending' and waiting_on_agent
            """
        ).map(ServedConversation.init(row:)).filter(\.isPausedAndWaiting)
    }

    /// Web chats that expired because nobody was available (C15), the longest waiting first.
    func unattended(in department: DepartmentID?) async throws -> [ServedConversation] {
        try await transaction.query(
            """
            select \(fragment: Self.conversationColumns)
            from routing.conversation
            where tenant_id = \(tenantID) and department_id is not distinct from \(department) and state = 'expired'
                and state_reason = 'no_agent'
            order by arrival_time, conversation_id
            """
        ).map(ServedConversation.init(row:))
    }

    func openConversationCount(in department: DepartmentID) async throws -> Int {
        try await transaction.query(
            """
            select count(*)
            from routing.conversation
            where tenant_id = \(tenantID) and department_id = \(department)
            """
        )[0].decode(Int.self)
    }

    /// Stores the row, unless a newer one is there.
    func save(_ conversation: ServedConversation) async throws {
        let c = conversation
        try await transaction.query(
            """
            insert into routing.conversation as known
                (tenant_id, conversation_id, version, state, state_reason, state_time, department_id, assignee_id,
                 last_assignee_id, contact_id, pool, is_webchat, priority, labels, arrival_time, queue_time,
                 waiting_on_agent, waiting_since_time, reply_window_expire_time, lapsed_agent_id, lapsed_time,
                 route_method)
            values (\(tenantID), \(c.id), \(c.version), \(c.state.rawValue), \(c.reason), \(c.stateTime), \(c.department),
                    \(c.assignee), \(c.lastAssignee), \(c.contact), \(c.pool.rawValue), \(c.isWebchat),
                    \(Int16(c.priority.rawValue)), \(c.labels), \(c.arrival), \(c.queueTime), \(c.waitsForAgent),
                    \(c.waitingSince), \(c.windowExpires), \(c.lapsed?.agent), \(c.lapsed?.ended),
                    \(c.routeMethod?.rawValue ?? ""))
            on conflict (tenant_id, conversation_id) do update
            set version = excluded.version, state = excluded.state, state_reason = excluded.state_reason,
                state_time = excluded.state_time, department_id = excluded.department_id,
                assignee_id = excluded.assignee_id, last_assignee_id = excluded.last_assignee_id,
                contact_id = excluded.contact_id, pool = excluded.pool, is_webchat = excluded.is_webchat,
                priority = excluded.priority, labels = excluded.labels, arrival_time = excluded.arrival_time,
                queue_time = excluded.queue_time, waiting_on_agent = excluded.waiting_on_agent,
                waiting_since_time = excluded.waiting_since_time,
                reply_window_expire_time = excluded.reply_window_expire_time,
                lapsed_agent_id = excluded.lapsed_agent_id, lapsed_time = excluded.lapsed_time,
                route_method = excluded.route_method
            where known.version <= excluded.version
            """)
    }

    /// A closed one is nobody's any more.
    func deleteConversation(_ id: ConversationID) async throws {
        try await transaction.query(
            "delete from routing.conversation where tenant_id = \(tenantID) and conversation_id = \(id)")
    }

    /// Somebody was assigned something: of equals he is the last in line now (C8).
    func noteAssignment(of agent: AgentID, at now: Instant) async throws {
        try await transaction.query(
            """
            update routing.agent
            set last_assigned_time = greatest(last_assigned_time, \(now))
            where tenant_id = \(tenantID) and agent_id = \(agent)
            """)
    }

    /// How an offer's end counts for the row of missed ones (C14).
    func setMissedOffers(_ missed: Int, of agent: AgentID) async throws {
        try await transaction.query(
            """
            update routing.agent
            set missed_offers = \(Int32(missed))
            where tenant_id = \(tenantID) and agent_id = \(agent) and missed_offers <> \(Int32(missed))
            """)
    }

    private static let conversationColumns: SQL = """
        conversation_id, version, state, state_reason, state_time, department_id, assignee_id, last_assignee_id, contact_id,
        pool, is_webchat, priority, labels, arrival_time, queue_time, waiting_on_agent, waiting_since_time,
        reply_window_expire_time, lapsed_agent_id, lapsed_time, route_method
        """
}

extension ServedConversation {
    fileprivate init(row: Row) throws {
        let lapsedAgent: AgentID? = try row["lapsed_agent_id"]
        let lapsedTime: Instant? = try row["lapsed_time"]
        let priority: Int16 = try row["priority"]
        self.init(
            id: try row["conversation_id"], version: try row["version"], state: try State(stored: row["state"]),
            reason: try row["state_reason"], stateTime: try row["state_time"], department: try row["department_id"],
            assignee: try row["assignee_id"], lastAssignee: try row["last_assignee_id"], contact: try row["contact_id"],
            pool: try SlotPool(stored: row["pool"]), isWebchat: try row["is_webchat"],
            priority: Priority(rawValue: Int(priority)) ?? .normal, labels: try row["labels"],
            arrival: try row["arrival_time"], queueTime: try row["queue_time"], waitsForAgent: try row["waiting_on_agent"],
            waitingSince: try row["waiting_since_time"], windowExpires: try row["reply_window_expire_time"],
            lapsed: lapsedAgent.flatMap { agent in lapsedTime.map { LapsedOffer(agent: agent, ended: $0) } },
            routeMethod: DistributionMethod(rawValue: try row["route_method"]))
    }
}

// MARK: - What must be decided

extension RoutingStore {
    /// One more reason to look at a department's queue.
    /// - Returns: how many there have been.
    func wantDispatch(of department: DepartmentID?) async throws -> Int64 {
        try await transaction.query(
            """
            insert into routing.dispatch as known (tenant_id, department_id, wanted)
            values (\(tenantID), \(DepartmentID.orNone(department)), 1)
            on conflict (tenant_id, department_id) do update set wanted = known.wanted + 1
            returning wanted
            """
        )[0].decode(Int64.self)
    }

    func dispatchState(of department: DepartmentID?) async throws -> DispatchState {
        try await transaction.query(
            """
            select wanted, served, attended, left_time
            from routing.dispatch
            where tenant_id = \(tenantID) and department_id = \(DepartmentID.orNone(department))
            """
        ).only.map { row in
            DispatchState(
                wanted: try row["wanted"], served: try row["served"], isAttended: try row["attended"],
                left: try row["left_time"])
        } ?? DispatchState()
    }

    /// Somebody who was available is not any more.
    func noteLeaving(_ department: DepartmentID?, at time: Instant) async throws {
        try await transaction.query(
            """
            update routing.dispatch
            set left_time = greatest(left_time, \(time))
            where tenant_id = \(tenantID) and department_id = \(DepartmentID.orNone(department))
            """)
    }

    /// Whether somebody was found there when the queue was looked at. Who has left since the look stays noted.
    func noteAttendance(of department: DepartmentID?, _ isAttended: Bool, left: Instant?, unless seen: Instant?) async throws {
        try await transaction.query(
            """
            update routing.dispatch
            set attended = \(isAttended),
                left_time = case when left_time is not distinct from \(seen)::timestamptz then \(left) else left_time end
            where tenant_id = \(tenantID) and department_id = \(DepartmentID.orNone(department))
            """)
    }

    func serveDispatch(of department: DepartmentID?, upTo served: Int64) async throws {
        try await transaction.query(
            """
            update routing.dispatch
            set served = greatest(served, \(served))
            where tenant_id = \(tenantID) and department_id = \(DepartmentID.orNone(department))
            """)
    }

    /// Has something happen at a product time, once; of several times the last one said holds.
    func setTimer(_ kind: TimerKind, _ subject: UUID, at due: Instant?) async throws {
        guard let due else {
            try await transaction.query(
                """
                delete from routing.timer
                where tenant_id = \(tenantID) and kind = \(kind.rawValue) and subject_id = \(subject)
                """)
            return
        }
        try await transaction.query(
            """
            insert into routing.timer (tenant_id, kind, subject_id, due_time)
            values (\(tenantID), \(kind.rawValue), \(subject), \(due))
            on conflict (tenant_id, kind, subject_id) do update set due_time = excluded.due_time
            """)
    }
}

/// How far a department's queue has been looked at, and who was there.
struct DispatchState: Sendable, Hashable {
    var wanted: Int64 = 0
    var served: Int64 = 0
    var isAttended = false
    /// When the last one who was available left (C15); `nil`: nobody has since somebody was found there.
    var left: Instant?
}

/// What happens by itself at a time.
enum TimerKind: String, Sendable, Hashable, CaseIterable {
    /// An agent's absence is over (C56).
    case statusUntil = "status_until"
    /// An offer was not accepted in time (C14).
    case offer
    /// A queue is looked at again: an owner was waited for, a rest is over, a department opens.
    case dispatch
    /// A paused conversation has waited for its agent long enough (C13).
    case rescue
}

extension DepartmentID {
    /// Stands for "no department" where a key needs an id.
    static let none = DepartmentID(UUID(uuid: (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)))

    static func orNone(_ department: DepartmentID?) -> DepartmentID { department ?? none }

    var orNil: DepartmentID? { self == .none ? nil : self }
}
