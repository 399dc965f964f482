import FoundationEssentials
import Postgres
import WallTime

/// An automatic reply as its row holds it.
struct StoredAutomaticReply: Sendable {
    /// `nil`: departments without a row of their own.
    var departmentID: UUID?
    var channel: ChannelKind
    var occasion: AutomaticReply.Occasion
    var version: Int64 = 0
    var reply: AutomaticReply
    var updated: Instant?
}

/// The place of a reply in the list of all.
struct AutomaticReplyPlace: Sendable {
    var departmentID: UUID?
    var channel: String
    var occasion: String
}

extension ConversationStore {
    /// The reply that holds for a department and channel: its own, else the one for all.
    func automaticReply(
        _ occasion: AutomaticReply.Occasion, department: UUID?, channel: ChannelKind
    ) async throws -> AutomaticReply? {
        try await transaction.query(
            """
            select \(fragment: Self.replyColumns)
            from conversations.automatic_reply
            where tenant_id = \(tenantID) and channel = \(channel.rawValue) and occasion = \(occasion.rawValue)
                and (department_id = \(department) or department_id is null)
            order by department_id nulls last
            limit 1
            """
        ).map(StoredAutomaticReply.init(row:)).first?.reply
    }

    /// Replies by department, those for all first, then by channel and occasion.
    func automaticReplies(after: AutomaticReplyPlace?, limit: Int) async throws -> [StoredAutomaticReply] {
        // No department has the nil UUID: it stands for "all" in the order.
        try await transaction.query(
            """
            select \(fragment: Self.replyColumns)
            from conversations.automatic_reply
            where tenant_id = \(tenantID)
                and (\(after == nil)
                     or (coalesce(department_id, \(UUID.allZero)), channel, occasion)
                        > (coalesce(\(after?.departmentID)::uuid, \(UUID.allZero)), \(after?.channel ?? ""),
                           \(after?.occasion ?? "")))
            order by coalesce(department_id, \(UUID.allZero)), channel, occasion
            limit \(limit)
            """
        ).map(StoredAutomaticReply.init(row:))
    }

    /// - Returns: the row's new version; `nil`: it is at another one than expected, or not there.
    func set(_ stored: StoredAutomaticReply, expected: Int64?, at now: Instant) async throws -> Int64? {
        try await transaction.query(
            """
            insert into conversations.automatic_reply as current
                (tenant_id, department_id, channel, occasion, locales, texts, update_time)
            select \(tenantID), \(stored.departmentID), \(stored.channel.rawValue), \(stored.occasion.rawValue),
                   \(stored.reply.texts.map(\.locale)), \(stored.reply.texts.map(\.text)), \(now)
            where \(expected == nil) or exists (
                select from conversations.automatic_reply
                where tenant_id = \(tenantID) and department_id is not distinct from \(stored.departmentID)
                    and channel = \(stored.channel.rawValue) and occasion = \(stored.occasion.rawValue)
            )
            on conflict (tenant_id, department_id, channel, occasion) do update
            set version = current.version + 1, locales = excluded.locales, texts = excluded.texts,
                update_time = excluded.update_time
            where \(expected == nil) or current.version = \(expected)
            returning version
            """
        ).only?.decode(Int64.self)
    }

    /// - Parameter end: of the period in which it is said once; `nil`: once in the conversation.
    /// - Returns: whether it is this transaction's to say: nothing has been said there on that occasion.
    func takeReply(_ occasion: AutomaticReply.Occasion, until end: Instant?, in conversation: UUID) async throws -> Bool {
        let said = occasion.rawValue + (end.map { "/\($0)" } ?? "")
        return try await transaction.query(
            """
            insert into conversations.automatic_reply_said (tenant_id, conversation_id, occasion)
            values (\(tenantID), \(conversation), \(said))
            on conflict (tenant_id, conversation_id, occasion) do nothing
            """
        ).affected == 1
    }

    static let replyColumns: SQL = "department_id, channel, occasion, version, locales, texts, update_time"
}

extension StoredAutomaticReply {
    fileprivate init(row: Row) throws {
        departmentID = try row["department_id"]
        channel = try row.word("channel")
        occasion = try row.word("occasion")
        version = try row["version"]
        let locales: [String] = try row["locales"]
        let texts: [String] = try row["texts"]
        reply = AutomaticReply(texts: zip(locales, texts).map { .init(locale: $0, text: $1) })
        updated = try row["update_time"]
    }
}
