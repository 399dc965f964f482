import EventLog
import FoundationEssentials
import Postgres
import ServiceDatabase

extension OutboundStore {
    /// Whom this service has erased.
    var erased: ErasedContacts {
        ErasedContacts(schema: Surroundings.schema, tenantID: tenantID, transaction: transaction)
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

    /// Empties the answers kept for repetitions that tell of messages.
    /// - Returns: how many there were.
    func emptyAnswers(about messageIDs: [UUID]) async throws -> Int32 {
        try await IdempotencyStore(schema: Surroundings.schema).emptyAnswers(about: messageIDs, of: tenantID, in: transaction)
    }
}
