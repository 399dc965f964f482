import FoundationEssentials
import Postgres
import ServiceDatabase
import WallTime

extension ConversationsModule {
    package static let tenantData = TenantData(
        figures: [
            TenantData.Figure("conversations") {
                "select count(*) from conversations.conversation where tenant_id = \($0)"
            },
            TenantData.Figure("open_conversations") {
                "select count(*) from conversations.conversation where tenant_id = \($0) and state <> 'closed'"
            },
            TenantData.Figure("messages") { "select count(*) from conversations.message where tenant_id = \($0)" },
            TenantData.Figure("attachments") { "select count(*) from conversations.attachment where tenant_id = \($0)" },
            TenantData.Figure("attachment_bytes") {
                "select coalesce(sum(size_bytes), 0)::bigint from conversations.attachment where tenant_id = \($0)"
            },
            TenantData.Figure("channel_accounts") {
                "select count(*) from conversations.channel_account where tenant_id = \($0)"
            },
        ],
        retention: [
            RetentionCategory("messages", standard: nil, range: .days(30)...(.days(3_650)), purge: purgeMessages),
            RetentionCategory("attachments", standard: nil, range: .days(30)...(.days(3_650)), purge: purgeAttachments),
            .trail(of: name),
        ],
        // One that it has never heard of, or that is deleted, does not work, either.
        mayDelete: { transaction, tenantID in
            let rows = try await transaction.query("select suspended from conversations.tenant where tenant_id = \(tenantID)")
            return try rows.first?.decode(Bool.self) ?? true
        })

    /// A conversation may have thousands of messages.
    private static let conversationsMax = 50

    /// Of conversations closed before: the messages with their files and providers' ids, and the words taken from them. What stays
    /// are ids, states, numbers and times, from which reports are made.
    private static func purgeMessages(_ transaction: Transaction, _ tenantID: UUID, _ before: Instant) async throws -> Int {
        try await transaction.query(
            """
            with old as (
                select conversation_id
                from conversations.conversation
                where tenant_id = \(tenantID) and state = 'closed' and purge_time is null and close_time < \(before)
                order by close_time
                limit \(conversationsMax)
                for update skip locked
            ), files as (
                delete from conversations.attachment
                where tenant_id = \(tenantID) and conversation_id in (select conversation_id from old)
                returning attachment_id
            ), pieces as (
                delete from conversations.attachment_chunk
                where tenant_id = \(tenantID) and attachment_id in (select attachment_id from files)
            ), deliveries as (
                delete from conversations.inbound_message delivery
                using conversations.message
                where delivery.tenant_id = \(tenantID) and message.tenant_id = \(tenantID)
                  and message.message_id = delivery.message_id
                  and message.conversation_id in (select conversation_id from old)
            ), messages as (
                delete from conversations.message
                where tenant_id = \(tenantID) and conversation_id in (select conversation_id from old)
            ), notes as (
                update conversations.history
                set note = ''
                where tenant_id = \(tenantID) and note <> '' and conversation_id in (select conversation_id from old)
            )
            update conversations.conversation
            set first_line = '', last_line = '', subject = '', transfer_reason = '', purge_time = \(before),
                version = version + 1
            where tenant_id = \(tenantID) and conversation_id in (select conversation_id from old)
            """
        ).affected
    }

    /// Files older than that, but for those of conversations that are not closed.
    private static func purgeAttachments(_ transaction: Transaction, _ tenantID: UUID, _ before: Instant) async throws -> Int {
        try await transaction.query(
            """
            with old as (
                select attachment_id
                from conversations.attachment
                join conversations.conversation using (tenant_id, conversation_id)
                where tenant_id = \(tenantID) and attachment.create_time < \(before) and conversation.state = 'closed'
                order by attachment.create_time
                limit \(conversationsMax)
            ), pieces as (
                delete from conversations.attachment_chunk
                where tenant_id = \(tenantID) and attachment_id in (select attachment_id from old)
            )
            delete from conversations.attachment
            where tenant_id = \(tenantID) and attachment_id in (select attachment_id from old)
            """
        ).affected
    }
}
