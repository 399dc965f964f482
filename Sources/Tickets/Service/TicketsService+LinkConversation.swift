import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func linkConversation(
        _ request: LinkConversationRequest, _ context: ServerContext
    ) async throws -> LinkConversationResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        let conversationID = violations.id(request.conversationID, "conversation_id")
        violations.reason(request.reason)
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)
        // Conversations says whether the caller may see it at all; whose ticket it is, is known here.
        try await surroundings.conversations.checkReadable(conversationID)

        return try await surroundings.write(request, \.requestID, context) { work in
            try await work.store.lock(conversation: conversationID)
            guard let known = try await work.store.conversation(conversationID) else {
                throw TicketsError.notFound(.conversation, conversationID)
            }
            var (open, former) = try await work.openedForRelinking(
                id, from: known.ticketID, version: version)
            try open.requireLiving()
            if var former {
                try await work.relink(conversationID, from: &former, to: &open, request.reason)
            }
            return LinkConversationResponse(ticket: try await work.wire(open.ticket))
        }
    }
}

extension Work {
    /// - Returns: the ticket, and the one that the conversation has now; nil where that is the same.
    fileprivate func openedForRelinking(
        _ id: UUID, from former: UUID, version: Int64?
    ) async throws -> (OpenTicket, OpenTicket?) {
        let opened = try await opened(former == id ? [id] : [id, former])
        guard let open = opened.first(where: { $0.ticket.id == id }) else {
            throw TicketsError.ticketNotFound(id)
        }
        if let version, version != open.ticket.version { throw Failure.etagMismatch }
        if let survivor = open.ticket.mergedInto { throw TicketsError.ticketMerged(id, into: survivor) }
        return (open, opened.first { $0.ticket.id != id })
    }

    func relink(
        _ conversation: UUID, from former: inout OpenTicket, to open: inout OpenTicket, _ reason: String
    ) async throws {
        let moved = try await store.move(
            [conversation], from: former.ticket.id, to: open.ticket.id, at: now)
        former.hand(moved, to: &open, at: now)
        try await save(
            &former,
            Step(
                kind: .conversationUnlinked, reason: reason, signal: .changed("waiting"),
                conversationID: conversation,
                otherTicketID: open.ticket.id))
        try await save(
            &open,
            Step(
                kind: .conversationLinked, reason: reason, signal: .changed("waiting"),
                conversationID: conversation,
                otherTicketID: former.ticket.id))
    }
}
