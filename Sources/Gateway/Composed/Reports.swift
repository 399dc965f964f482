import ConversationsV1
import GRPC
import Protobuf
import RoutingV1
import TicketsV1

/// `GET /v1/reports`: what was done, of all services, by the same days. The parameters are those of GetConversationReport; each
/// part is its service's answer. Agents are told apart by day alone, and where something is asked of that they have not, a
/// department, channel, label or priority, there are none; as there are no tickets of a conversation's priority, which have
/// priorities of their own.
struct Reports: EdgeHandler {
    let conversations: ConversationReportsServiceClient
    let tickets: TicketReportsServiceClient
    let agents: AgentReportsServiceClient
    let gate: Gate
    let schema: Schema

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        _ = try await gate.caller(exchange)
        let request: GetConversationReportRequest = try schema.request(exchange.query, except: ["page_token"])
        let options = exchange.callOptions(token: exchange.bearerToken)
        // First, for the zone whose days are meant, which the others are then asked for.
        let conversations = try await self.conversations.getConversationReport(request, options.required)
        let (ticketRequest, agentRequest) = (
            request.ofTickets(zone: conversations.timeZone), request.ofAgents(zone: conversations.timeZone)
        )
        let isOfTickets = request.priorities.isEmpty
        let isOfAgents = isOfTickets && request.departmentIDs.isEmpty && request.channels.isEmpty && request.labels.isEmpty
        async let ticketsAsked = Part.of("tickets") {
            isOfTickets ? try await tickets.getTicketReport(ticketRequest, options.optional) : nil
        }
        async let agentsAsked = Part.of("routing") {
            isOfAgents ? try await agents.getAgentReport(agentRequest, options.optional) : nil
        }
        let (ticketPart, agentPart) = await (ticketsAsked, agentsAsked)
        let warnings = [ticketPart.warning, agentPart.warning].compactMap { $0?.json }
        return .json(
            JSONText.object([
                ("timeZone", JSONValue.string(conversations.timeZone).bytes),
                ("conversations", conversations.json(options: .emitDefaults)),
                ("tickets", ticketPart.value??.json(options: .emitDefaults) ?? JSONText.null),
                ("agents", agentPart.value??.json(options: .emitDefaults) ?? JSONText.null),
                ("warnings", JSONValue.array(warnings).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }
}

extension GetConversationReportRequest {
    fileprivate func ofTickets(zone: String) -> GetTicketReportRequest {
        let known: [ConversationReportDimension: TicketReportDimension] = [
            .day: .day, .department: .department, .agent: .agent, .channel: .channel, .label: .label,
            .priority: .priority,
        ]
        return GetTicketReportRequest(
            startTime: startTime, endTime: endTime, timeZone: zone, dimensions: dimensions.compactMap { known[$0] },
            departmentIDs: departmentIDs, agentIDs: agentIDs, labels: labels, pageSize: pageSize,
            channels: channels.compactMap { Self.words[$0] })
    }

    /// As tickets name channels.
    private static let words: [ChannelKind: String] = [
        .whatsapp: "whatsapp", .facebook: "facebook", .instagram: "instagram", .webchat: "webchat", .email: "email",
        .other: "other",
    ]

    fileprivate func ofAgents(zone: String) -> GetAgentReportRequest {
        GetAgentReportRequest(
            startTime: startTime, endTime: endTime, timeZone: zone, daily: dimensions.contains(.day), agentIDs: agentIDs,
            pageSize: pageSize)
    }
}
