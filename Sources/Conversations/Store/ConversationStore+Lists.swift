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
    var priorities: [Int16] = []
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
        try await transaction.query(page(query, for: viewer, after: position, limit: limit)).map(Conversation.init(row:))
    }

    /// How many conversations each view holds for the viewer, counted to 1000 and no further; and the sum of their badges.
    func counts(
        _ views: [InboxView], departmentIDs: [UUID], for viewer: Viewer<UUID>
    ) async throws -> [(count: Int32, unread: Int32)] {
        try await transaction.pipeline(views.map { count($0, departmentIDs: departmentIDs, for: viewer) })
            .map { try $0.only?.decode((Int32, Int32).self) ?? (0, 0) }
    }

    // MARK: - Statements

    /// A view is the states it shows. Each is read in its own order from its index, from the position on, and no further than
    /// the page; the few rows of all states are then put into one order. Rows without the time come after those with it.
    func page(
        _ query: ConversationQuery, for viewer: Viewer<UUID>, after position: ConversationQuery.Position?, limit: Int
    ) -> SQL {
        let key = Self.sortKey(query.order)
        let direction: SQL = query.newestFirst ? "desc" : "asc"
        let (timed, untimed) = Self.beyond(position, key, query.newestFirst)
        let halves: [SQL] = [
            "\(fragment: key) is not null and \(fragment: timed)", "\(fragment: key) is null and \(fragment: untimed)",
        ]
        let sources = ConversationSource.sources(of: query, for: viewer)
        let filters = Self.filters(query, viewer)
        let parts = sources.flatMap { source in
            halves.map { half -> SQL in
                let rows = read(source, Self.columns, where: filters + [half], by: query.order, direction, limit: limit)
                return "(\(fragment: rows))"
            }
        }
        return """
            select \(fragment: Self.once(sources, [key, "conversation_id"])) \(fragment: Self.columns)
            from unnest(\(Self.states(query.view))) as wanted (wanted_state), lateral (
                \(fragment: .joined(parts, by: " union all "))
            ) as listed
            order by \(fragment: key) \(fragment: direction) nulls last, conversation_id \(fragment: direction)
            limit \(limit)
            """
    }

    /// Each state of the view is read from its index. The order asks for that: without it a planner that believes a thousand
    /// rows to be soon found begins at the table's front, where another tenant's may lie, or rows of other states.
    func count(_ view: InboxView, departmentIDs: [UUID], for viewer: Viewer<UUID>) -> SQL {
        let query = ConversationQuery(view: view, departmentIDs: departmentIDs)
        let sources = ConversationSource.sources(of: query, for: viewer)
        let filters = Self.filters(query, viewer)
        let columns: SQL = "conversation_id, unread, attention"
        let parts = sources.map { source -> SQL in
            let order = source.keeps(.arrival) ? ConversationQuery.Order.arrival : .lastMessage
            let rows = read(source, columns, where: filters, by: order, "asc", limit: 1000)
            return "(select \(fragment: columns) from (\(fragment: rows)) as of_source limit 1000)"
        }
        return """
            select count(*)::int, coalesce(sum(badge), 0)::int
            from (
                select \(fragment: Self.once(sources, ["conversation_id"])) greatest(unread, attention::int) as badge
                from unnest(\(Self.states(view))) as wanted (wanted_state), lateral (
                    \(fragment: .joined(parts, by: " union all "))
                ) as of_state
                limit 1000
            ) as counted
            """
    }

    /// The rows of `wanted_state` that stand in one source and meet the conditions, in its index's order where it keeps this one.
    private func read(
        _ source: ConversationSource, _ columns: SQL, where conditions: [SQL], by order: ConversationQuery.Order,
        _ direction: SQL, limit: Int
    ) -> SQL {
        let keys = source.leadingKeys + [Self.sortKey(order), "conversation_id"]
        let sorted = SQL.joined(keys.map { key -> SQL in "\(fragment: key) \(fragment: direction)" }, by: ", ")
        let found: SQL = """
            from conversations.conversation
            where tenant_id = \(tenantID) and state = wanted_state and \(fragment: source.condition)
                and \(fragment: .joined(conditions, by: " and "))
            """
        // The fence of an offset: else a planner that believes a page to be soon found sifts the whole state in this order.
        let rows: SQL =
            source.keeps(order)
            ? "select \(fragment: columns) \(fragment: found) order by \(fragment: sorted) limit \(limit)"
            : """
            select \(fragment: columns) from (select \(fragment: columns) \(fragment: found) offset 0) as of_source
            order by \(fragment: sorted) limit \(limit)
            """
        guard case .departments(let ids) = source else { return rows }
        return """
            select \(fragment: columns) from unnest(\(ids)) as one (one_department), lateral (\(fragment: rows)) as of_one
            """
    }

    /// A row that stands in two sources is taken once.
    private static func once(_ sources: [ConversationSource], _ keys: [SQL]) -> SQL {
        sources.count > 1 ? "distinct on (\(fragment: .joined(keys, by: ", ")))" : ""
    }

    // MARK: - Conditions

    /// What a search asks of any row.
    static func conditions(_ query: ConversationQuery, _ viewer: Viewer<UUID>) -> [SQL] {
        [readable(by: viewer)] + filters(query, viewer)
    }

    private static func filters(_ query: ConversationQuery, _ viewer: Viewer<UUID>) -> [SQL] {
        var conditions = [condition(query.view, viewer.agentID)]
        if !query.departmentIDs.isEmpty { conditions.append("department_id = any(\(query.departmentIDs))") }
        if !query.channels.isEmpty { conditions.append("channel = any(\(query.channels.map(\.rawValue)))") }
        if !query.accountIDs.isEmpty { conditions.append("channel_account_id = any(\(query.accountIDs))") }
        if !query.assigneeIDs.isEmpty { conditions.append("assignee_id = any(\(query.assigneeIDs))") }
        if !query.labels.isEmpty { conditions.append("labels && \(query.labels)") }
        if !query.priorities.isEmpty { conditions.append("priority = any(\(query.priorities))") }
        if let contact = query.contactID { conditions.append("contact_id = \(contact)") }
        return conditions
    }

    /// `Viewer.reads` as a condition.
    static func readable(by viewer: Viewer<UUID>) -> SQL {
        if viewer.readsAll { return "true" }
        return """
            (department_id is null or department_id = any(\(Array(viewer.departmentIDs))) or assignee_id = \(viewer.agentID)
             or \(viewer.agentID) = any(mentioned_agent_ids))
            """
    }

    /// `InboxView.contains`, as the states of a view and what it asks of a row in one of them; a test holds the two together.
    static func states(_ view: InboxView?) -> [String] {
        switch view {
        case .queue: ["queued", "offered"]
        case .open: ["open", "offered"]
        case .pending: ["pending"]
        case .expired: ["expired"]
        case .automated: ["automated"]
        case .closed: ["closed"]
        case .yours: ["offered", "open", "pending", "expired"]
        case nil: ["automated", "queued", "offered", "open", "pending", "expired", "closed"]
        }
    }

    private static func condition(_ view: InboxView?, _ agent: UUID) -> SQL {
        switch view {
        case .queue: "(state <> 'offered' or assignee_id <> \(agent))"
        case .open: "(state <> 'offered' or assignee_id = \(agent))"
        case .yours: "assignee_id = \(agent)"
        case .pending, .expired, .automated, .closed, nil: "true"
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

    /// What follows a position: among the rows with the time, and among those without it.
    private static func beyond(
        _ position: ConversationQuery.Position?, _ key: SQL, _ newestFirst: Bool
    ) -> (timed: SQL, untimed: SQL) {
        guard let position else { return ("true", "true") }
        let beyond: SQL = newestFirst ? "<" : ">"
        guard let time = position.time else {
            return ("false", "conversation_id \(fragment: beyond) \(position.id)")
        }
        return ("(\(fragment: key), conversation_id) \(fragment: beyond) (\(time), \(position.id))", "true")
    }
}
