import FoundationEssentials
import Postgres
import ServiceRuntime
import WallTime

/// What a list asks for.
struct ConversationQuery: Sendable {
    /// What the list is sorted by; rows without it come last.
    enum Order: String, Sendable {
        case lastMessage = "last_message_time"
        case arrival = "arrival_time"
        case start = "start_time"
        case waitingSince = "waiting_since_time"
    }

    var view: InboxView?
    var departmentIDs: [UUID] = []
    var channels: [ChannelKind] = []
    var accountIDs: [UUID] = []
    var assigneeIDs: [UUID] = []
    var labels: [String] = []
    var contactID: UUID?
    var order: Order = .lastMessage
    var newestFirst = true

    /// The last row of the page before.
    struct Position: Sendable {
        /// `nil`: the row had no such time, and only rows without it follow.
        var time: Instant?
        var id: UUID
    }
}

extension ConversationStore {
    /// One page of a list, as far as the viewer may read it.
    func list(
        _ query: ConversationQuery, for viewer: Viewer<UUID>, after position: ConversationQuery.Position?, limit: Int
    ) async throws -> [Conversation] {
        let key = Self.sortKey(query.order)
        let direction: SQL = query.newestFirst ? "desc nulls last" : "asc nulls last"
        let idDirection: SQL = query.newestFirst ? "desc" : "asc"
        var conditions = Self.conditions(query, viewer)
        if let position { conditions.append(Self.after(position, key, query.newestFirst)) }
        return try await transaction.query(
            """
            select \(fragment: Self.columns)
            from conversations.conversation
            where tenant_id = \(tenantID) and \(fragment: .joined(conditions, by: " and "))
            order by \(fragment: key) \(fragment: direction), conversation_id \(fragment: idDirection)
            limit \(limit)
            """
        ).map(Conversation.init(row:))
    }

    /// How many conversations a view holds for the viewer, counted to 1000 and no further; and the sum of their badges.
    func count(
        _ view: InboxView, departmentIDs: [UUID], for viewer: Viewer<UUID>
    ) async throws -> (count: Int32, unread: Int32) {
        let query = ConversationQuery(view: view, departmentIDs: departmentIDs)
        return try await transaction.query(
            """
            select count(*)::int, coalesce(sum(badge), 0)::int
            from (
                select greatest(unread, attention::int) as badge
                from conversations.conversation
                where tenant_id = \(tenantID) and \(fragment: .joined(Self.conditions(query, viewer), by: " and "))
                limit 1000
            ) as counted
            """
        ).only?.decode((Int32, Int32).self) ?? (0, 0)
    }

    // MARK: - Conditions

    private static func conditions(_ query: ConversationQuery, _ viewer: Viewer<UUID>) -> [SQL] {
        var conditions = [readable(by: viewer)]
        if let view = query.view { conditions.append(condition(view, viewer.agentID)) }
        if !query.departmentIDs.isEmpty { conditions.append("department_id = any(\(query.departmentIDs))") }
        if !query.channels.isEmpty { conditions.append("channel = any(\(query.channels.map(\.rawValue)))") }
        if !query.accountIDs.isEmpty { conditions.append("channel_account_id = any(\(query.accountIDs))") }
        if !query.assigneeIDs.isEmpty { conditions.append("assignee_id = any(\(query.assigneeIDs))") }
        if !query.labels.isEmpty { conditions.append("labels && \(query.labels)") }
        if let contact = query.contactID { conditions.append("contact_id = \(contact)") }
        return conditions
    }

    /// `Viewer.reads` as a condition.
    private static func readable(by viewer: Viewer<UUID>) -> SQL {
        if viewer.isSupervisor || viewer.seesAllDepartments { return "true" }
        return """
            (department_id is null or department_id = any(\(Array(viewer.departmentIDs))) or assignee_id = \(viewer.agentID)
             or \(viewer.agentID) = any(mentioned_agent_ids))
            """
    }

    /// `InboxView.contains` as a condition; a test holds the two together.
    private static func condition(_ view: InboxView, _ agent: UUID) -> SQL {
        switch view {
        case .queue: "(state = 'queued' or (state = 'offered' and assignee_id <> \(agent)))"
        case .open: "(state = 'open' or (state = 'offered' and assignee_id = \(agent)))"
        case .pending: "state = 'pending'"
        case .expired: "state = 'expired'"
        case .automated: "state = 'automated'"
        case .closed: "state = 'closed'"
        case .yours: "(assignee_id = \(agent) and state in ('offered', 'open', 'pending', 'expired'))"
        }
    }

    private static func sortKey(_ order: ConversationQuery.Order) -> SQL {
        switch order {
        case .lastMessage: "last_message_time"
        case .arrival: "arrival_time"
        case .start: "start_time"
        case .waitingSince: "waiting_since_time"
        }
    }

    private static func after(_ position: ConversationQuery.Position, _ key: SQL, _ newestFirst: Bool) -> SQL {
        switch (position.time, newestFirst) {
        case (let time?, true):
            "(\(fragment: key) < \(time) or (\(fragment: key) = \(time) and conversation_id < \(position.id)) or \(fragment: key) is null)"
        case (let time?, false):
            "(\(fragment: key) > \(time) or (\(fragment: key) = \(time) and conversation_id > \(position.id)) or \(fragment: key) is null)"
        case (nil, true): "(\(fragment: key) is null and conversation_id < \(position.id))"
        case (nil, false): "(\(fragment: key) is null and conversation_id > \(position.id))"
        }
    }
}
