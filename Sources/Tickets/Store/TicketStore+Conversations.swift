import FoundationEssentials
import Postgres
import WallTime

extension TicketStore {
    /// The conversations of these tickets, the oldest first.
    func conversations(of tickets: [UUID]) async throws -> [TicketConversation] {
        try await transaction.query(
            """
            select conversation_id, ticket_id, is_closed, waiting_on, assignee_id, link_time, last_event_id, last_event_time
            from tickets.ticket_conversation
            where tenant_id = \(tenantID) and ticket_id = any(\(tickets))
            order by link_time, conversation_id
            """
        ).map(TicketConversation.init(row:))
    }

    /// The ticket through which a conversation runs.
    func conversation(_ id: UUID) async throws -> TicketConversation? {
        try await transaction.query(
            """
            select conversation_id, ticket_id, is_closed, waiting_on, assignee_id, link_time, last_event_id, last_event_time
            from tickets.ticket_conversation
            where tenant_id = \(tenantID) and conversation_id = \(id)
            """
        ).map(TicketConversation.init(row:)).first
    }

    /// Lets a conversation run through a ticket, whichever it ran through before.
    func put(_ conversation: TicketConversation) async throws {
        let c = conversation
        try await transaction.query(
            """
            insert into tickets.ticket_conversation
                (tenant_id, conversation_id, ticket_id, is_closed, waiting_on, assignee_id, link_time, last_event_id,
                 last_event_time)
            values
                (\(tenantID), \(c.id), \(c.ticketID), \(c.isClosed), \(c.waitingOn.rawValue), \(c.assigneeID), \(c.linked),
                 \(c.lastEventID), \(c.lastEventTime))
            on conflict (tenant_id, conversation_id) do update
            set ticket_id = excluded.ticket_id, is_closed = excluded.is_closed, waiting_on = excluded.waiting_on,
                assignee_id = excluded.assignee_id, link_time = excluded.link_time,
                last_event_id = excluded.last_event_id, last_event_time = excluded.last_event_time
            """)
    }

    /// Moves conversations from one ticket to another; those that have gone elsewhere meanwhile stay there.
    /// - Returns: which moved.
    func move(_ conversations: [UUID], from ticket: UUID, to other: UUID, at time: Instant)
        async throws -> [UUID]
    {
        try await transaction.query(
            """
            update tickets.ticket_conversation
            set ticket_id = \(other), link_time = \(time)
            where tenant_id = \(tenantID) and ticket_id = \(ticket) and conversation_id = any(\(conversations))
            returning conversation_id
            """
        ).map { try $0.decode(UUID.self) }
    }

    /// Held until the transaction ends: one conversation's news is dealt with by one worker at a time.
    func lock(conversation id: UUID) async throws {
        try await transaction.query(
            "select pg_advisory_xact_lock(hashtextextended(\("tickets/\(tenantID)/\(id)"), 0))")
    }
}

extension TicketConversation {
    fileprivate init(row: Row) throws {
        self.init(
            id: try row["conversation_id"], ticketID: try row["ticket_id"],
            isClosed: try row["is_closed"],
            waitingOn: try WaitingOn(stored: row["waiting_on"]), assigneeID: try row["assignee_id"],
            linked: try row["link_time"], lastEventID: try row["last_event_id"],
            lastEventTime: try row["last_event_time"])
    }
}
