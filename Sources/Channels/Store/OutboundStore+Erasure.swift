import FoundationEssentials
import Postgres

extension OutboundStore {
    /// Marks contacts as erased for good.
    func markErased(_ contactIDs: [UUID]) async throws {
        try await transaction.query(
            """
            insert into channels.erased_contact (tenant_id, contact_id)
            select \(tenantID), contact_id from unnest(\(contactIDs)) contact_id
            on conflict do nothing
            """)
    }

    /// Whether a contact has been erased. Who asks holds erasures up until his transaction ends, so that each of the two sees
    /// what the other has done.
    func isErased(_ contactID: UUID) async throws -> Bool {
        try await transaction.query("select pg_advisory_xact_lock_shared(\(fragment: erasures))")
        return try await transaction.query(
            "select exists (select from channels.erased_contact where tenant_id = \(tenantID) and contact_id = \(contactID))"
        )[0].decode(Bool.self)
    }

    /// Waits for those who have asked, and lets nobody ask until the transaction ends.
    func holdErasures() async throws {
        try await transaction.query("select pg_advisory_xact_lock(\(fragment: erasures))")
    }

    /// Drops the provider's ids of messages to contacts.
    /// - Returns: which messages they were.
    func forget(messagesTo contactIDs: [UUID]) async throws -> [UUID] {
        try await transaction.query(
            """
            update channels.outbound
            set is_erased = true, provider_message_id = '', provider_code = ''
            where tenant_id = \(tenantID) and contact_id = any(\(contactIDs))
            returning message_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// The same of a conversation.
    func forget(messagesIn conversationID: UUID) async throws -> [UUID] {
        try await transaction.query(
            """
            update channels.outbound
            set is_erased = true, provider_message_id = '', provider_code = ''
            where tenant_id = \(tenantID) and conversation_id = \(conversationID) and not is_erased
            returning message_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// Empties the answers kept for repetitions that tell of messages. Their request ids stay taken.
    /// - Returns: how many there were.
    func emptyAnswers(about messageIDs: [UUID]) async throws -> Int {
        try await transaction.query(
            """
            update channels.idempotent_request
            set answer = ''
            where tenant_id = \(tenantID) and exists (
                select from unnest(\(messageIDs)) id where position(convert_to(id::text, 'UTF8') in answer) > 0
            )
            """
        ).affected
    }

    private var erasures: SQL { "hashtextextended('channels.erasures/' || \(tenantID)::text, 0)" }
}
