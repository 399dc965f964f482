import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func updateTicket(_ request: UpdateTicketRequest, _ context: ServerContext) async throws
        -> UpdateTicketResponse
    {
        var violations = Violations()
        violations.require(request.ticket != nil, "ticket", "is required", reason: "REQUIRED")
        let wire = request.ticket ?? TicketsV1.Ticket()
        let id = violations.id(wire.ticketID, "ticket.ticket_id")
        let reading = TicketReading(wire, isNew: false, &violations)
        violations.reason(request.reason)
        try violations.check()
        let mask = try UpdateMask(
            request.updateMask, writable: TicketReading.writable, outputOnly: TicketReading.outputOnly,
            populated: reading.populated)
        if mask.contains("subject"), reading.fields.subject.isEmpty {
            throw Failure.invalid("ticket.subject", "is required", reason: "REQUIRED")
        }
        let version = try ETag.expectedVersion(request.etag)
        let requester =
            try await mask.contains("requester_id") ? surroundings.requester(reading.fields.requesterID, context) : nil

        return try await surroundings.write(request, \.requestID, context) { work in
            var open = try await work.opened(id, version: version)
            try open.requireLiving()
            var fields = reading.applied(to: open.ticket.fields, mask)
            if mask.contains("requester_id") { fields.requesterID = requester }
            try await work.check(fields, against: open.ticket.fields)
            open.follow(mask, reading, &fields)
            guard
                fields != open.ticket.fields || open.ticket.assigneeFollows != open.before?.assigneeFollows
            else {
                return UpdateTicketResponse(ticket: try await work.wire(open.ticket))
            }
            let assigned = fields.assigneeID != open.ticket.fields.assigneeID
            open.ticket.fields = fields
            try await work.save(
                &open,
                Step(
                    kind: assigned ? .assigned : .updated, reason: request.reason, signal: .changed("fields"))
            )
            return UpdateTicketResponse(ticket: try await work.wire(open.ticket))
        }
    }
}

extension OpenTicket {
    /// Naming a responsible agent by hand ends the following of conversations; asking for it takes the agent they have now (C24).
    fileprivate mutating func follow(
        _ mask: UpdateMask, _ reading: TicketReading, _ fields: inout TicketFields
    ) {
        if mask.contains("assignee_follows") { ticket.assigneeFollows = reading.assigneeFollows }
        if mask.contains("assignee_id"), fields.assigneeID != ticket.fields.assigneeID {
            ticket.assigneeFollows = false
        }
        guard ticket.assigneeFollows, !(before?.assigneeFollows ?? false) else { return }
        fields.assigneeID = conversations.last { !$0.isClosed }?.assigneeID ?? fields.assigneeID
    }
}
