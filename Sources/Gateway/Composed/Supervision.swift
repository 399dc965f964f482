import GRPC
import Protobuf
import RoutingV1
import TicketsV1

/// `GET /v1/supervision`: the board of queues and agents, and how many tickets are at risk (C55). The parameters are those of
/// GetBoard.
struct Supervision: EdgeHandler {
    let routing: RoutingServiceClient
    let tickets: TicketReportsServiceClient
    let gate: Gate
    let schema: Schema

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let request: GetBoardRequest = try schema.request(exchange.query)
        let options = exchange.callOptions(token: exchange.bearerToken)
        async let counted = Part.of("tickets") {
            try await tickets.countSlasAtRisk(CountSlasAtRiskRequest(departmentIDs: request.departmentIDs), options.optional)
        }
        let board = try await routing.getBoard(request, options.required)
        let slas = await counted
        return .json(
            JSONText.object([
                ("board", board.json(options: .emitDefaults)),
                ("slas", slas.value?.json(options: .emitDefaults) ?? JSONText.null),
                ("warnings", JSONValue.array([slas.warning].compactMap { $0?.json }).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }
}
