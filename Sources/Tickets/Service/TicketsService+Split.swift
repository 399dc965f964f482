import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    static let conversationsMax = 100

    func splitTicket(_ request: SplitTicketRequest, _ context: ServerContext) async throws
        -> SplitTicketResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        violations.line(request.subject, "subject", 1...TicketFields.subjectMax)
        let moving = violations.ids(
            request.conversationIDs, "conversation_ids", max: Self.conversationsMax)
        violations.reason(request.reason)
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.write(request, \.requestID, context) { work in
            var open = try await work.opened(id, version: version)
            try open.requireLiving()
            if let stranger = moving.first(where: { id in !open.conversations.contains { $0.id == id } }) {
                throw TicketsError.notFound(.conversation, stranger)
            }
            var fields = open.ticket.fields
            fields.subject = request.subject
            var new = try await work.create(
                NewTicket(
                    fields: fields, assigneeFollows: open.ticket.assigneeFollows,
                    status: open.ticket.status == .new ? .new : .open, begins: work.now, splitFrom: id,
                    channel: open.ticket.channel,
                    reason: request.reason))
            let moved = try await work.store.move(moving, from: id, to: new.ticket.id, at: work.now)
            open.hand(moved, to: &new, at: work.now)
            _ = try await work.link(&new, to: &open, .split)
            return SplitTicketResponse(ticket: try await work.wire(new.ticket))
        }
    }
}
