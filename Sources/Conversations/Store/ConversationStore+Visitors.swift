import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    func visitor(_ id: UUID, account: UUID) async throws -> Visitor? {
        try await transaction.query(
            """
            select \(fragment: Self.visitorColumns)
            from conversations.visitor
            where tenant_id = \(tenantID) and channel_account_id = \(account) and visitor_id = \(id)
            """
        ).map(Visitor.init(row:)).first
    }

    func visitor(userID: String, account: UUID) async throws -> Visitor? {
        try await transaction.query(
            """
            select \(fragment: Self.visitorColumns)
            from conversations.visitor
            where tenant_id = \(tenantID) and channel_account_id = \(account) and user_id = \(userID) and user_id <> ''
            """
        ).map(Visitor.init(row:)).first
    }

    private static let visitorColumns: SQL = """
        visitor_id, channel_account_id, user_id, joined_user_id, display_name, email, locale, page_url, create_time,
        session_expire_time
        """

    /// A visitor as his latest session has him.
    func save(_ visitor: Visitor) async throws {
        let v = visitor
        try await transaction.query(
            """
            insert into conversations.visitor
                (tenant_id, channel_account_id, visitor_id, user_id, joined_user_id, display_name, email, locale, page_url,
                 create_time, session_expire_time)
            values
                (\(tenantID), \(v.channelAccountID), \(v.id), \(v.userID), \(v.joinedUserID), \(v.name), \(v.email),
                 \(v.locale), \(v.pageURL), \(v.created), \(v.sessionExpires))
            on conflict (tenant_id, channel_account_id, visitor_id) do update
            set user_id = excluded.user_id, joined_user_id = excluded.joined_user_id,
                display_name = excluded.display_name, email = excluded.email, locale = excluded.locale,
                page_url = excluded.page_url, session_expire_time = excluded.session_expire_time
            """)
    }
}

extension Visitor {
    fileprivate init(row: Row) throws {
        id = try row["visitor_id"]
        channelAccountID = try row["channel_account_id"]
        userID = try row["user_id"]
        joinedUserID = try row["joined_user_id"]
        name = try row["display_name"]
        email = try row["email"]
        locale = try row["locale"]
        pageURL = try row["page_url"]
        created = try row["create_time"]
        sessionExpires = try row["session_expire_time"]
    }
}
