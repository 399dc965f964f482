import ConversationsV1
import GRPC
import Protobuf

/// `GET /v1/me`: who the token speaks for, what he may see and what he carries.
struct Me: EdgeHandler {
    let conversations: ConversationsServiceClient
    let gate: Gate

    func answer(_ exchange: Exchange, _ variables: [(fieldPath: [String], text: String)]) async throws -> Answer {
        let caller = try await gate.caller(exchange)
        let options = exchange.callOptions(token: exchange.bearerToken)
        let scope = await Part.of("conversations") { try await conversations.getScope(GetScopeRequest(), options.optional) }
        let name = scope.value?.displayName ?? ""
        return .json(
            JSONText.object([
                ("tenantId", JSONValue.string(caller.tenantID).bytes),
                ("agentId", JSONValue.string(caller.subject).bytes),
                ("displayName", JSONValue.string(name.isEmpty ? caller.displayName : name).bytes),
                ("roles", JSONValue.array(caller.roles.map { .string($0) }).bytes),
                ("scope", scope.value?.json(options: .emitDefaults) ?? JSONText.null),
                ("warnings", JSONValue.array([scope.warning].compactMap { $0?.json }).bytes),
            ]), headers: [("Cache-Control", "private, no-cache")])
    }
}
