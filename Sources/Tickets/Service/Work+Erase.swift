import EventLog
import FoundationEssentials
import ServiceDatabase
import ServiceRuntime

extension Work {
    /// Removes what the tickets of contacts say, and asks for the report to contacts. What is left of a ticket are ids, states,
    /// numbers and times.
    func erase(_ contactIDs: [UUID], erasureID: String) async throws {
        try await store.erased.add(contactIDs)
        let counts = try await forget(store.tickets(requestedBy: contactIDs))
        let report = ErasureReportJob(erasureID: erasureID, counts: counts)
        try surroundings.jobs.enqueue(report, for: tenantID, in: transaction)
    }

    /// What is heard of a conversation whose contact is erased leaves nothing in its ticket: conversations tells of each that it
    /// has erased, and its contact may be another than when the ticket was made, where a merge was undone.
    func forget(ticketOf conversationID: UUID) async throws {
        guard let known = try await store.conversation(conversationID) else { return }
        _ = try await forget([known.ticketID])
    }

    /// - Returns: what was touched, in words, and how many.
    private func forget(_ ids: [UUID]) async throws -> [String: Int32] {
        let tickets = try await store.lockedTickets(ids)
        var counts = try await store.forget(tickets.map(\.id))
        counts["stored_answers"] = try await store.emptyAnswers(about: tickets.map(\.id))
        let news = tickets.map { ticket in
            TicketNews(
                kind: .updated, ticketID: ticket.id, actor: .system, statusAfter: ticket.status,
                assigneeAfter: ticket.fields.assigneeID, isInternal: ticket.fields.type == .internal,
                paths: ["subject", "description"]
            ).event(tenantID: tenantID, time: now)
        }
        if !news.isEmpty { try await surroundings.events.append(news, in: transaction) }
        return counts
    }
}
