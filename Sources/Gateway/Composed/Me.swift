import ConversationsV1
import GRPC
import Protobuf
import RoutingV1

/// `GET /v1/me`: who the token speaks for, what he may see and what he carries; of an agent, his status and limits too.
struct Me: EdgeHandler {
    let conversations: ConversationsServiceClient
    let agents: AgentsServiceClient
    let gate: Gate

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        let caller = try await gate.caller(exchange)
        let options = exchange.callOptions(token: exchange.bearerToken)
        async let asked = agent(caller, options.optional)
        let scope = await Part.of("conversations") { try await conversations.getScope(GetScopeRequest(), options.optional) }
        let agent = await asked
        let name = scope.value?.displayName ?? ""
        return .json(
            JSONText.object([
                ("tenantId", JSONValue.string(caller.tenantID).bytes),
                ("agentId", JSONValue.string(caller.subject).bytes),
                ("displayName", JSONValue.string(name.isEmpty ? caller.displayName : name).bytes),
                ("roles", JSONValue.array(caller.roles.map { .string($0) }).bytes),
                ("scope", scope.value?.json(options: .emitDefaults) ?? JSONText.null),
                ("agent", agent.value??.json(options: .emitDefaults) ?? JSONText.null),
                ("warnings", JSONValue.array([scope.warning, agent.warning].compactMap { $0?.json }).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }

    /// Routing's row of the agent; none where the token speaks for nobody whom routing knows.
    private func agent(_ caller: Caller, _ options: CallOptions) async -> Part<Agent?> {
        guard caller.kind == .agent else { return .value(nil) }
        return await Part.of("routing") {
            do {
                return try await agents.getAgent(GetAgentRequest(agentID: caller.subject), options).agent
            } catch let error as RPCError where error.code == .notFound {
                return nil
            }
        }
    }
}
