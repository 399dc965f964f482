import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func changeStatus(_ request: ChangeStatusRequest, _ context: ServerContext) async throws
        -> ChangeStatusResponse
    {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        let event = TicketStatus(request.status).flatMap(StatusTable.Event.init(asking:))
        if event == nil {
            violations.add(
                "status",
                request.status == .unspecified ? "is required" : "is no status that can be asked for",
                reason: request.status == .unspecified ? "REQUIRED" : "")
        }
        violations.reason(request.reason)
        try violations.check()
        let version = try ETag.expectedVersion(request.etag)

        return try await surroundings.write(request, \.requestID, context) { work in
            var open = try await work.opened(id, version: version)
            let within = try await work.settings().reopenWithin
            if let event, try open.move(event, reason: request.reason, within: within, at: work.now) {
                try await work.save(
                    &open, Step(kind: .statusChanged, reason: request.reason, signal: .changed("status")))
            }
            return ChangeStatusResponse(ticket: try await work.wire(open.ticket))
        }
    }
}
