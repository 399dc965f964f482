import GRPC
import ServiceRuntime
import TicketsV1

/// The RPCs of tickets; each family has a file of its own. A handler parses, decides, stores, answers.
struct TicketsService: TicketsServiceProtocol {
    let surroundings: Surroundings
}

extension Work {
    /// A ticket as the caller is answered.
    func wire(_ ticket: Ticket) async throws -> TicketsV1.Ticket {
        guard let view = try await views([ticket]).first else {
            throw TicketsError.ticketNotFound(ticket.id)
        }
        return view.wire
    }
}
