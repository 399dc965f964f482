import ContactsV1
import EventLog
import FoundationEssentials
import Postgres
import ServiceDatabase

/// What is held of people, by contact.
struct Holdings: Sendable, Hashable {
    var conversationIDs: [UUID] = []
    var attachmentIDs: [UUID] = []
    var visitorIDs: [String] = []

    var allIDs: [UUID] { conversationIDs + attachmentIDs }
}

// MARK: - Merges

extension ConversationStore {
    /// All conversations of a contact are another's from now on: his addresses are.
    func giveConversations(of contactID: UUID, to survivor: UUID) async throws {
        try await transaction.query(
            """
            update conversations.conversation
            set contact_id = \(survivor), version = version + 1
            where tenant_id = \(tenantID) and contact_id = \(contactID)
            """)
    }

    /// The conversations at these addresses go back with them.
    func giveConversations(of survivor: UUID, at identities: [ChannelIdentity], to contactID: UUID) async throws {
        try await transaction.query(
            """
            update conversations.conversation
            set contact_id = \(contactID), version = version + 1
            from unnest(
                \(identities.map(\.channelName)), \(identities.map(\.scope)), \(identities.map(\.address))
            ) as identity (channel, scope, address)
            where tenant_id = \(tenantID) and contact_id = \(survivor)
              and conversation.channel = identity.channel
              and identity.scope in ('', conversation.channel_account_id::text)
              and (
                  conversation.customer_address = identity.address
                  or (conversation.channel = 'email' and lower(conversation.customer_address) = lower(identity.address))
              )
            """)
    }
}

// MARK: - Erasure

extension ConversationStore {
    /// Whom this service has erased.
    var erased: ErasedContacts {
        ErasedContacts(schema: Surroundings.schema, tenantID: tenantID, transaction: transaction)
    }

    /// What is held of people; their conversations locked, in the order of their ids.
    func lockedHoldings(of contactIDs: [UUID]) async throws -> Holdings {
        let conversations = try await transaction.query(
            """
            select conversation_id, channel, customer_address
            from conversations.conversation
            where tenant_id = \(tenantID) and contact_id = any(\(contactIDs))
            order by conversation_id
            for update
            """)
        var held = Holdings()
        for row in conversations {
            held.conversationIDs.append(try row["conversation_id"])
            if try row["channel", as: String.self] == "webchat" { held.visitorIDs.append(try row["customer_address"]) }
        }
        held.visitorIDs += try await otherVisitors(than: held.visitorIDs).map(\.text)
        held.attachmentIDs = try await attachmentIDs(of: held)
        return held
    }

    /// The same person in other browsers, where he need not have written: the user that a visitor has signed in as, and who else
    /// did.
    private func otherVisitors(than visitorIDs: [String]) async throws -> [UUID] {
        let known = visitorIDs.compactMap { UUID(id: $0) }
        return try await transaction.query(
            """
            select distinct other.visitor_id
            from conversations.visitor known
            join conversations.visitor other
              on other.tenant_id = known.tenant_id and other.channel_account_id = known.channel_account_id
             and greatest(known.user_id, known.joined_user_id) in (other.user_id, other.joined_user_id)
            where known.tenant_id = \(tenantID) and known.visitor_id = any(\(known))
              and greatest(known.user_id, known.joined_user_id) <> '' and other.visitor_id <> all(\(known))
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// The files of conversations, and those that visitors have not sent yet.
    private func attachmentIDs(of held: Holdings) async throws -> [UUID] {
        try await transaction.query(
            """
            select attachment_id
            from conversations.attachment
            where tenant_id = \(tenantID)
              and (
                  conversation_id = any(\(held.conversationIDs))
                  or uploader = any(\(held.visitorIDs.map { "visitor:\($0)" }))
              )
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// Removes words, names and addresses, and counts what was touched.
    func purge(_ held: Holdings) async throws -> [String: Int32] {
        let ids = held.conversationIDs
        let row = try await transaction.query(
            """
            with blocks as (
                delete from conversations.blocked_address block
                using conversations.conversation
                where block.tenant_id = \(tenantID) and conversation.tenant_id = \(tenantID)
                  and conversation.conversation_id = any(\(ids))
                  and block.channel_account_id = conversation.channel_account_id
                  and block.customer_address = conversation.customer_address
                returning 1
            ), conversations as (
                update conversations.conversation
                set customer_address = '', address_key = conversation_id::text
                where tenant_id = \(tenantID) and conversation_id = any(\(ids))
                returning 1
            ), messages as (
                update conversations.message
                set text = '', content = null, provider_message_id = '', attachment_ids = '{}',
                    author_name = case author_kind when 'customer' then '' else author_name end,
                    author_id = case author_kind when 'customer' then '' else author_id end
                where tenant_id = \(tenantID) and conversation_id = any(\(ids))
                returning 1
            ), deliveries as (
                delete from conversations.inbound_message delivery
                using conversations.message
                where delivery.tenant_id = \(tenantID) and message.tenant_id = \(tenantID)
                  and message.message_id = delivery.message_id and message.conversation_id = any(\(ids))
                returning 1
            ), notes as (
                update conversations.history
                set note = '', actor_id = case actor_kind when 'customer' then '' else actor_id end
                where tenant_id = \(tenantID) and conversation_id = any(\(ids))
                returning 1
            ), files as (
                delete from conversations.attachment
                where tenant_id = \(tenantID) and attachment_id = any(\(held.attachmentIDs))
                returning 1
            ), pieces as (
                delete from conversations.attachment_chunk
                where tenant_id = \(tenantID) and attachment_id = any(\(held.attachmentIDs))
                returning 1
            ), words as (
                delete from conversations.search_word
                where tenant_id = \(tenantID) and conversation_id = any(\(ids))
                returning 1
            ), visitors as (
                delete from conversations.visitor
                where tenant_id = \(tenantID) and visitor_id::text = any(\(held.visitorIDs))
                returning 1
            )
            select (select count(*) from conversations) as conversations, (select count(*) from messages) as messages,
                   (select count(*) from deliveries) as provider_message_ids, (select count(*) from notes) as history_entries,
                   (select count(*) from files) as attachments, (select count(*) from pieces) as attachment_pieces,
                   (select count(*) from words) as search_words, (select count(*) from visitors) as visitors,
                   (select count(*) from blocks) as blocked_addresses
            """)[0]
        let words = [
            "conversations", "messages", "provider_message_ids", "history_entries", "attachments", "attachment_pieces",
            "search_words", "visitors", "blocked_addresses",
        ]
        return try words.reduce(into: [:]) { counts, word in
            let count: Int64 = try row[word]
            counts[word] = Int32(clamping: count)
        }
    }

    /// Forgets what people are found by.
    /// - Returns: how many there were.
    func forgetPeople(_ contactIDs: [UUID]) async throws -> Int32 {
        let rows = try await transaction.pipeline([
            """
            delete from conversations.person_word
            where tenant_id = \(tenantID) and contact_id = any(\(contactIDs))
            """,
            """
            delete from conversations.person
            where tenant_id = \(tenantID) and contact_id = any(\(contactIDs))
            """,
        ])
        return Int32(clamping: rows[1].affected)
    }

    /// Empties the answers kept for repetitions that tell of these things, and drops those to visitors.
    /// - Returns: how many there were.
    func emptyAnswers(about ids: [UUID], visitors: [String]) async throws -> Int32 {
        let dropped = try await transaction.query(
            """
            delete from conversations.idempotent_request
            where tenant_id = \(tenantID) and principal = any(\(visitors.map { "visitor:\($0)" }))
            """)
        let emptied = try await IdempotencyStore(schema: Surroundings.schema).emptyAnswers(
            about: ids, of: tenantID, in: transaction)
        return emptied + Int32(clamping: dropped.affected)
    }
}

extension ChannelIdentity {
    /// The word by which conversations know the channel; empty for an address at which none runs.
    fileprivate var channelName: String {
        switch kind {
        case .email: "email"
        case .whatsapp: "whatsapp"
        case .facebook: "facebook"
        case .instagram: "instagram"
        case .webchat: "webchat"
        case .other: "other"
        case .phone, .customer, .unspecified, .unrecognized: ""
        }
    }
}
