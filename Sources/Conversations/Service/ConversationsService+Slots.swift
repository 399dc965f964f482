import ConversationsV1
import FoundationEssentials
import GRPC
import ServiceRuntime

// ListAgentSlots and GetScope: what agents carry, and what the caller may see.
extension ConversationsService {
    static let slotAgentsMax = 200

    func listAgentSlots(_ request: ListAgentSlotsRequest, _ context: ServerContext) async throws -> ListAgentSlotsResponse {
        var violations = Violations()
        let agents = violations.ids(request.agentIDs, "agent_ids", max: Self.slotAgentsMax)
        try violations.check()
        let size = try pageSize(request.pageSize, max: Self.pageMax)
        let arguments = ["slots", try context.tenantID.text] + agents.map(\.text)
        let position = try surroundings.pageTokens.keys(of: request.pageToken, count: 2, arguments: arguments)
        return try await surroundings.read(context) { work in
            let after = position.flatMap { keys in UUID(id: keys[0]).map { ($0, keys[1]) } }
            let rows = try await work.store.slots(of: agents, after: after, limit: size + 1)
            var response = ListAgentSlotsResponse(slots: rows.prefix(size).map(work.wire.slot))
            if rows.count > size {
                let last = rows[size - 1]
                response.nextPageToken = surroundings.pageTokens.token(
                    after: [last.agentID.text, last.pool.rawValue], arguments: arguments)
            }
            return response
        }
    }

    func getScope(_ request: GetScopeRequest, _ context: ServerContext) async throws -> GetScopeResponse {
        try await surroundings.read(context) { work in
            let viewer = try work.caller.viewer
            let words = work.directory.words(of: viewer.agentID)
            let departments = viewer.departmentIDs.compactMap { work.directory.department($0) }
            return GetScopeResponse(
                agentID: viewer.agentID.text, displayName: work.caller.actor.name,
                allDepartments: viewer.readsAll,
                departments: departments.sorted { $0.name < $1.name }.map {
                    ConversationsV1.Department(departmentID: $0.id.text, displayName: $0.name)
                },
                slots: try await work.store.slots(of: [viewer.agentID], after: nil, limit: 10).map(work.wire.slot),
                locale: words.locale, timeZone: words.timeZone, outcomes: work.directory.outcomes,
                labels: work.directory.tenant?.labels ?? [])
        }
    }
}
