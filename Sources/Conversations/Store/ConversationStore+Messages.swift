import FoundationEssentials
import Postgres
import WallTime

extension ConversationStore {
    /// The message and the words it is found by; sent together with COMMIT.
    func insert(_ message: Message) {
        let m = message
        transaction.beforeCommit(
            """
            with stored as (
                insert into conversations.message
                    (tenant_id, conversation_id, seq, message_id, direction, kind, takes_turn, author_kind, author_id,
                     author_name, text, content, reply_to_message_id, attachment_ids, create_time, provider_time,
                     delivery_status, delivery_time, provider_message_id, mentioned_agent_ids, mentioned_department_ids,
                     searchable)
                values
                    (\(tenantID), \(m.conversationID), \(m.seq), \(m.id), \(m.direction.rawValue), \(m.kind.rawValue),
                     \(m.takesTurn), \(m.author.kind.rawValue), \(m.author.id), \(m.author.name), \(m.text), \(m.content),
                     \(m.replyTo), \(m.attachmentIDs), \(m.created), \(m.providerTime), \(m.delivery.rawValue),
                     \(m.deliveryTime), \(m.providerMessageID), \(m.mentionedAgentIDs), \(m.mentionedDepartmentIDs), true)
            )
            insert into conversations.search_word (tenant_id, conversation_id, word, seq)
            select \(tenantID), \(m.conversationID), word, \(m.seq)
            from unnest(\(SearchText.plain(m.text).distinct())) as word
            """)
    }

    /// Takes a provider's id, and looks where the message belongs: the channel account, and the address's non-closed
    /// conversation, locked. Of any number of deliveries one takes the id; the others wait for its commit.
    func takeInbound(account: UUID, addressKey: String, providerID: String, messageID: UUID) async throws -> (
        isNew: Bool, account: ChannelAccount?, conversation: Conversation?, tenant: Row?
    ) {
        let answers = try await transaction.pipeline([
            """
            insert into conversations.inbound_message (tenant_id, channel_account_id, provider_message_id, message_id)
            values (\(tenantID), \(account), \(providerID), \(messageID))
            on conflict (tenant_id, channel_account_id, provider_message_id) do nothing
            """,
            self.account(account),
            openOne(account: account, addressKey: addressKey),
            tenantRow,
        ])
        return (
            answers[0].affected == 1, try answers[1].only.map(ChannelAccount.init(row:)),
            try answers[2].only.map(Conversation.init(row:)), answers[3].first
        )
    }

    /// Lets go of a provider's id that this transaction has taken; sent together with COMMIT.
    func giveBackInbound(account: UUID, providerID: String) {
        transaction.beforeCommit(
            """
            delete from conversations.inbound_message
            where tenant_id = \(tenantID) and channel_account_id = \(account) and provider_message_id = \(providerID)
            """)
    }

    func inbound(account: UUID, providerID: String) async throws -> UUID? {
        try await transaction.query(
            """
            select message_id
            from conversations.inbound_message
            where tenant_id = \(tenantID) and channel_account_id = \(account) and provider_message_id = \(providerID)
            """
        ).only?.decode(UUID.self)
    }

    func messages(_ ids: [UUID]) async throws -> [Message] {
        guard !ids.isEmpty else { return [] }
        return try await transaction.query(
            """
            select \(fragment: Self.messageColumns)
            from conversations.message
            where tenant_id = \(tenantID) and message_id = any(\(ids))
            """
        ).map(Message.init(row:))
    }

    /// How much text one page of messages holds at most, its first message left out: an answer with a page stays below the
    /// 4 MiB that a gRPC message has.
    static let pageTextBytesMax = 2_097_152

    /// Messages of a conversation between two numbers, both left out, from the first or from the last one on; fewer than the
    /// limit where their texts are long.
    func messages(
        of conversation: UUID, after: Int32, before: Int32 = .max, newestFirst: Bool = false, withNotes: Bool = true, limit: Int
    ) async throws -> MessagePage {
        let order: SQL = newestFirst ? "desc" : "asc"
        let rows = try await transaction.query(
            """
            select \(fragment: Self.messageColumns), found
            from (
                select \(fragment: Self.messageColumns), count(*) over () as found,
                       -- Lengths are known without reading the texts.
                       sum(octet_length(text)) over (order by seq \(fragment: order)) - octet_length(text) as text_bytes_before
                from (
                    select \(fragment: Self.messageColumns)
                    from conversations.message
                    where tenant_id = \(tenantID) and conversation_id = \(conversation)
                        and seq > \(after) and seq < \(before) and (\(withNotes) or direction <> 'internal')
                    order by seq \(fragment: order)
                    limit \(limit + 1)
                ) as next
            ) as measured
            where text_bytes_before < \(Self.pageTextBytesMax)
            order by seq \(fragment: order)
            limit \(limit)
            """)
        let found: Int = try rows.first?["found"] ?? 0
        return MessagePage(messages: try rows.map(Message.init(row:)), hasMore: found > rows.count)
    }

    /// The last message a human of the business other than this one wrote, by number.
    func lastAnswer(in conversation: UUID, notBy author: String) async throws -> Int32 {
        try await transaction.query(
            """
            select coalesce(max(seq), 0)
            from conversations.message
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and direction = 'outbound'
                and author_kind = 'agent' and author_id <> \(author)
            """
        ).only?.decode(Int32.self) ?? 0
    }

    /// Moves the delivery of our messages up to a number forward to read, and tells which.
    func markRead(in conversation: UUID, upTo seq: Int32, at now: Instant) async throws -> [UUID] {
        try await transaction.query(
            """
            update conversations.message
            set delivery_status = \(Message.Delivery.read.rawValue), delivery_time = \(now)
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and seq <= \(seq)
                and direction = 'outbound' and delivery_status < \(Message.Delivery.read.rawValue)
            returning message_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// Moves one message's delivery forward; a step back changes nothing.
    /// - Returns: whether it moved.
    func report(
        _ message: UUID, _ delivery: Message.Delivery, at time: Instant, providerID: String, reason: String
    ) async throws -> Bool {
        try await transaction.query(
            """
            update conversations.message
            set delivery_status = \(delivery.rawValue), delivery_time = \(time), failure_reason = \(reason),
                provider_message_id = case when \(providerID) = '' then provider_message_id else \(providerID) end
            where tenant_id = \(tenantID) and message_id = \(message) and direction = 'outbound'
                and case when \(delivery == .failed) then delivery_status in (1, 2)
                         else delivery_status < \(delivery.rawValue) and delivery_status <> 5 end
            """
        ).affected == 1
    }

    func markRetried(_ message: UUID, as attempt: UUID) async throws {
        try await transaction.query(
            """
            update conversations.message
            set retried_as = \(attempt)
            where tenant_id = \(tenantID) and message_id = \(message)
            """)
    }

    /// Whether a message failed that nobody has tried again.
    func hasFailedMessage(in conversation: UUID) async throws -> Bool {
        try await transaction.query(
            """
            select exists (
                select from conversations.message
                where tenant_id = \(tenantID) and conversation_id = \(conversation)
                    and delivery_status = \(Message.Delivery.failed.rawValue) and retried_as is null
            )
            """
        ).only?.decode(Bool.self) ?? false
    }

    // MARK: Reading

    /// An agent's read mark, moved forward; sent together with COMMIT.
    func mark(_ conversation: UUID, of agent: UUID, seq: Int32) {
        transaction.beforeCommit(
            """
            insert into conversations.read_mark (tenant_id, conversation_id, agent_id, seq)
            values (\(tenantID), \(conversation), \(agent), \(seq))
            on conflict (tenant_id, conversation_id, agent_id) do update
            set seq = greatest(read_mark.seq, excluded.seq)
            """)
    }

    func mark(_ conversation: UUID, of agent: UUID) async throws -> Int32? {
        try await transaction.query(
            """
            select seq
            from conversations.read_mark
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and agent_id = \(agent)
            """
        ).only?.decode(Int32.self)
    }

    /// Customer messages behind a number (C19).
    func unread(in conversation: UUID, after seq: Int32) async throws -> Int32 {
        try await transaction.query(
            """
            select count(*)::int
            from conversations.message
            where tenant_id = \(tenantID) and conversation_id = \(conversation) and seq > \(seq) and takes_turn
            """
        ).only?.decode(Int32.self) ?? 0
    }

    static let messageColumns: SQL = """
        message_id, conversation_id, seq, direction, kind, author_kind, author_id, author_name, text, content,
        reply_to_message_id, attachment_ids, create_time, provider_time, delivery_status, delivery_time, failure_reason,
        provider_message_id, mentioned_agent_ids, mentioned_department_ids, retried_as
        """
}

struct MessagePage: Sendable {
    var messages: [Message]
    var hasMore: Bool
}

extension Message {
    init(row: Row) throws {
        id = try row["message_id"]
        conversationID = try row["conversation_id"]
        seq = try row["seq"]
        direction = try row.word("direction")
        kind = try row.word("kind")
        author = Author(kind: try row.word("author_kind"), id: try row["author_id"], name: try row["author_name"])
        text = try row["text"]
        content = try row["content", as: [UInt8]?.self]
        replyTo = try row["reply_to_message_id"]
        attachmentIDs = try row["attachment_ids"]
        created = try row["create_time"]
        providerTime = try row["provider_time"]
        let status: Int16 = try row["delivery_status"]
        guard let delivery = Delivery(rawValue: status) else { throw UnknownWord(word: "\(status)") }
        self.delivery = delivery
        deliveryTime = try row["delivery_time"]
        failureReason = try row["failure_reason"]
        providerMessageID = try row["provider_message_id"]
        mentionedAgentIDs = try row["mentioned_agent_ids"]
        mentionedDepartmentIDs = try row["mentioned_department_ids"]
        retriedAs = try row["retried_as"]
    }
}
