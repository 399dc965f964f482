import EventLog
import FoundationEssentials
import Postgres
import ServiceDatabase

extension TicketStore {
    /// Whom this service has erased.
    var erased: ErasedContacts {
        ErasedContacts(schema: Surroundings.schema, tenantID: tenantID, transaction: transaction)
    }

    func tickets(requestedBy contactIDs: [UUID]) async throws -> [UUID] {
        try await transaction.query(
            "select ticket_id from tickets.ticket where tenant_id = \(tenantID) and requester_id = any(\(contactIDs))"
        ).map { try $0.decode(UUID.self) }
    }

    /// Removes the words of tickets, which the caller has locked, and counts what was touched.
    func forget(_ ids: [UUID]) async throws -> [String: Int32] {
        let row = try await transaction.query(
            """
            with tickets as (
                update tickets.ticket
                -- A subject has at least one character.
                set subject = '-', description = '', status_reason = '', version = version + 1
                where tenant_id = \(tenantID) and ticket_id = any(\(ids))
                returning 1
            ), comments as (
                delete from tickets.ticket_comment
                where tenant_id = \(tenantID) and ticket_id = any(\(ids))
                returning 1
            ), files as (
                delete from tickets.ticket_attachment
                where tenant_id = \(tenantID) and ticket_id = any(\(ids))
                returning 1
            ), entries as (
                update tickets.history_entry
                set reason = ''
                where tenant_id = \(tenantID) and ticket_id = any(\(ids)) and reason <> ''
                returning 1
            ), merges as (
                update tickets.ticket_merge
                set reason = ''
                where tenant_id = \(tenantID) and reason <> ''
                  and (surviving_ticket_id = any(\(ids)) or merged_ticket_id = any(\(ids)))
                returning 1
            )
            select (select count(*) from tickets) as tickets, (select count(*) from comments) as comments,
                   (select count(*) from files) as ticket_attachments, (select count(*) from entries) as ticket_history_entries,
                   (select count(*) from merges) as ticket_merges
            """)[0]
        let words = ["tickets", "comments", "ticket_attachments", "ticket_history_entries", "ticket_merges"]
        return try words.reduce(into: [:]) { counts, word in
            let count: Int64 = try row[word]
            counts[word] = Int32(clamping: count)
        }
    }

    /// Empties the answers kept for repetitions that tell of tickets.
    /// - Returns: how many there were.
    func emptyAnswers(about ticketIDs: [UUID]) async throws -> Int32 {
        try await IdempotencyStore(schema: Surroundings.schema).emptyAnswers(about: ticketIDs, of: tenantID, in: transaction)
    }
}
