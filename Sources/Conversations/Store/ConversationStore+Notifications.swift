import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    /// Sent together with COMMIT.
    func insert(_ notifications: [Notification]) {
        transaction.beforeCommit(
            """
            insert into conversations.notification
                (tenant_id, agent_id, notification_id, kind, conversation_id, message_id, create_time)
            select \(tenantID), new.agent_id, new.notification_id, new.kind, new.conversation_id, new.message_id, new.create_time
            from unnest(
                \(notifications.map(\.agentID)), \(notifications.map(\.id)), \(notifications.map(\.kind.rawValue)),
                \(notifications.map(\.conversationID)), \(notifications.map(\.messageID)), \(notifications.map(\.created))
            ) as new (agent_id, notification_id, kind, conversation_id, message_id, create_time)
            """)
    }

    /// An agent's notifications, the newest first.
    func notifications(of agent: UUID, unreadOnly: Bool, before: UUID?, limit: Int) async throws -> [Notification] {
        try await transaction.query(
            """
            select agent_id, notification_id, kind, conversation_id, message_id, create_time, read
            from conversations.notification
            where tenant_id = \(tenantID) and agent_id = \(agent) and (not \(unreadOnly) or not read)
                and (\(before == nil) or notification_id < \(before))
            order by notification_id desc
            limit \(limit)
            """
        ).map(Notification.init(row:))
    }

    /// The newest of one kind, not later than a moment.
    func lastNotification(_ kind: NotificationKind, of agent: UUID, until time: Instant) async throws -> Notification? {
        try await transaction.query(
            """
            select agent_id, notification_id, kind, conversation_id, message_id, create_time, read
            from conversations.notification
            where tenant_id = \(tenantID) and agent_id = \(agent) and kind = \(kind.rawValue) and create_time <= \(time)
            order by notification_id desc
            limit 1
            """
        ).map(Notification.init(row:)).first
    }

    /// - Parameter ids: none: all of them.
    func markRead(_ ids: [UUID], of agent: UUID) async throws {
        try await transaction.query(
            """
            update conversations.notification
            set read = true
            where tenant_id = \(tenantID) and agent_id = \(agent) and not read
                and (cardinality(\(ids)::uuid[]) = 0 or notification_id = any(\(ids)))
            """)
    }
}

extension Notification {
    fileprivate init(row: Row) throws {
        id = try row["notification_id"]
        agentID = try row["agent_id"]
        kind = try row.word("kind")
        conversationID = try row["conversation_id"]
        messageID = try row["message_id"]
        created = try row["create_time"]
        read = try row["read"]
    }
}
