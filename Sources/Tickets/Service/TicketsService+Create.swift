import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func createTicket(_ request: CreateTicketRequest, _ context: ServerContext) async throws
        -> CreateTicketResponse
    {
        var violations = Violations()
        violations.require(request.ticket != nil, "ticket", "is required", reason: "REQUIRED")
        let reading = TicketReading(request.ticket ?? TicketsV1.Ticket(), isNew: true, &violations)
        try violations.check()
        let requester = try await surroundings.requester(reading.fields.requesterID, context)

        return try await surroundings.write(request, \.requestID, context) { work in
            var fields = reading.fields
            fields.requesterID = requester
            try await work.check(fields)
            guard fields.type == .public || work.caller.seesInternal else {
                throw Failure.permissionDenied(Permission.ticketsInternal.rawValue)
            }
            let open = try await work.create(
                NewTicket(fields: fields, assigneeFollows: fields.assigneeID == nil, begins: work.now))
            return CreateTicketResponse(ticket: try await work.wire(open.ticket))
        }
    }
}

extension Surroundings {
    /// The living contact behind the id that a request names.
    /// - Throws: CONTACT_NOT_FOUND, DEPENDENCY_UNAVAILABLE.
    func requester(_ id: UUID?, _ context: ServerContext) async throws -> UUID? {
        guard let id else { return nil }
        guard let living = try await contacts.living(id, tenantID: context.tenantID) else {
            throw TicketsError.notFound(.contact, id)
        }
        return living
    }
}
