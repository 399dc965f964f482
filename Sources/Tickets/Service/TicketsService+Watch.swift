import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import TicketsV1

// Watch: the log, with the tickets of now joined to it (DESIGN 4, 8).
extension TicketsService {
    func watch(
        _ request: WatchRequest, _ responses: ResponseWriter<WatchResponse>, _ context: ServerContext
    ) async throws {
        context.endAtDrain()
        var violations = Violations()
        violations.require(
            !request.liveOnly || request.afterCursor.isEmpty, "after_cursor", "stands against live_only")
        let kinds = violations.known(request.kinds, "kinds", max: TicketNews.Kind.allCases.count) {
            TicketNews.Kind($0)?.rawValue
        }
        try violations.check()
        let principal = try context.principal
        let seesInternal = principal.kind == .service || principal.has(.ticketsInternal)
        // A service that works for no one tenant sees all of them.
        let filter = EventFilter(tenantID: principal.tenantID, kinds: Set(kinds))
        let start =
            request.liveOnly ? try await surroundings.events.head() : try cursor(request.afterCursor)
        do {
            for try await batch in surroundings.events.batches(after: start, filter) {
                for response in try await joined(batch, seesInternal) {
                    try await responses.write(response)
                }
            }
        } catch EventLogError.outOfRange {
            throw TicketsError.cursorOutOfRange
        }
    }

    private func cursor(_ text: String) throws(TicketsError) -> Cursor? {
        if text.isEmpty { return nil }
        guard let cursor = Cursor(text) else { throw .cursorMalformed }
        return cursor
    }

    /// The batch's events with their tickets as they are now, then how far the log has been read.
    private func joined(_ batch: EventBatch, _ seesInternal: Bool) async throws -> [WatchResponse] {
        var tickets: [UUID: TicketsV1.Ticket] = [:]
        for (tenantID, events) in Dictionary(grouping: batch.events, by: \.tenantID) {
            let caller = Caller(tenantID: tenantID, actor: .system, seesInternal: seesInternal)
            let views = try await surroundings.tenants.transaction(as: tenantID, readOnly: true) { transaction in
                let work = Work(surroundings, caller, transaction, now: surroundings.clock.now)
                return try await work.views(
                    work.store.tickets(Array(Set(events.map(\.subjectID)))).filter(work.mayRead))
            }
            for view in views { tickets[view.ticket.id] = view.wire }
        }
        var responses = batch.events.compactMap { event -> WatchResponse? in
            guard let news = TicketNews(event),
                seesInternal || (!news.isInternal && tickets[news.ticketID] != nil)
            else {
                return nil
            }
            return WatchResponse(
                cursor: event.cursor.description, event: news.wire(event, tickets[news.ticketID]))
        }
        let end = batch.cursor.description
        if batch.isLive || responses.last?.cursor != end {
            responses.append(WatchResponse(cursor: end, live: batch.isLive))
        }
        return responses
    }
}

extension TicketNews {
    /// The event of a row of the log, with the ticket as it is now.
    fileprivate func wire(_ event: Event, _ ticket: TicketsV1.Ticket?) -> TicketEvent {
        TicketEvent(
            kind: kind.wire, ticketID: ticketID.text, tenantID: event.tenantID.text,
            occurTime: Timestamp(event.time),
            actor: actor.wire, statusBefore: statusBefore?.wire ?? .unspecified,
            statusAfter: statusAfter.wire,
            assigneeBefore: assigneeBefore.text, assigneeAfter: assigneeAfter.text, internal: isInternal,
            changedPaths: paths, clock: clock?.wire ?? .unspecified, commentID: commentID.text,
            conversationID: conversationID.text, otherTicketID: otherTicketID.text, ticket: ticket,
            eventID: event.eventID, traceparent: event.traceparent ?? "", departmentAfter: departmentAfter.text,
            attainedClocks: attained.map(\.wire), channel: channel)
    }
}
