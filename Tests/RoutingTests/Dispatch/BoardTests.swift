import ConversationsV1
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("What supervisors see and do", .serialized)
struct BoardTests {
    @Test("C55: the board counts what waits and who is there; watching leaves no trace, acting does", .timeLimit(.minutes(2)))
    func C55_board() async throws {
        try await Stack.with(method: .manual) { stack in
            let routing = RoutingServiceClient(stack.routing)
            let conversations = ConversationsServiceClient(stack.conversations)
            let boss = try await stack.asAgent(2, role: "operator")
            try await stack.beat(0, 1)
            let oldest = try await stack.customerWrites("5511987654321", over: Stack.phoneID)
            try stack.advance(by: .seconds(3))
            let open = try await stack.customerWrites()
            let visitor = UUID().text
            try await stack.pauseInHand(visitor)
            try await stack.accept(open, by: 0)
            try await stack.setStatus(1, .away)
            let board = try await routing.getBoard(GetBoardRequest(), boss)
            let support = try #require(board.departments.first { $0.displayName == "Support" })
            #expect((support.queued, support.offered, support.open, support.pendingWaiting) == (1, 0, 1, 1))
            #expect((support.available, support.away, support.offline) == (1, 1, 1))
            let arrival = try await stack.conversation(oldest).arrivalTime
            #expect(support.oldestArrivalTime == arrival && support.windowsClosing == 0)
            #expect(board.agents.map(\.chatLoad) == [1, 0, 0] && board.agents.map(\.chatLoadMax) == [2, 2, 2])
            // Within 2 h of a window's end it says so, if the customer waits.
            try stack.advance(by: .seconds(22 * 3_600))
            try await stack.settle()
            let later = try await routing.getBoard(GetBoardRequest(), try await stack.asAgent(2, role: "operator"))
            #expect(later.departments.first { $0.displayName == "Support" }?.windowsClosing == 1)
            // Watching moves nothing: not even its etag.
            let supervisor = try await stack.asAgent(2, role: "operator")
            let before = try await conversations.getConversation(GetConversationRequest(conversationID: oldest), supervisor)
            _ = try await conversations.listMessages(ListMessagesRequest(conversationID: oldest), supervisor)
            let after = try await conversations.getConversation(GetConversationRequest(conversationID: oldest), supervisor)
            #expect(before.conversation == after.conversation)
            // Taking and assigning stand in the history, setting away in the trail; an agent may do neither.
            _ = try await conversations.take(TakeRequest(conversationID: open, requestID: UUID().text), supervisor)
            try await stack.beat(0)
            try await stack.settle()
            _ = try await conversations.assign(
                AssignRequest(conversationID: oldest, requestID: UUID().text, agentID: Stack.agentIDs[0].text), supervisor)
            #expect(
                await stack.answer {
                    _ = try await conversations.assign(
                        AssignRequest(conversationID: oldest, requestID: UUID().text, agentID: Stack.agentIDs[1].text),
                        try await stack.asAgent(1))
                } != "OK")
            for id in [open, oldest] {
                let history = try await conversations.listHistory(ListHistoryRequest(conversationID: id), supervisor).entries
                #expect(history.contains { $0.actor?.actorID == Stack.agentIDs[2].text && !$0.assigneeAfter.isEmpty })
            }
            func setAway(_ caller: CallOptions) async -> String {
                await stack.answer {
                    _ = try await AgentsServiceClient(stack.routing).setAgentStatus(
                        SetAgentStatusRequest(
                            agentID: Stack.agentIDs[0].text, availability: .away, reason: "meeting", requestID: UUID().text),
                        caller)
                }
            }
            #expect(await setAway(try await stack.asAgent(1)) == "NOT_YOURS")
            #expect(await setAway(supervisor) == "OK")
            let trail = try await routing.listAuditEntries(
                ListAuditEntriesRequest(subject: Stack.agentIDs[0].text), try await stack.asAgent(2, role: "admin")
            ).auditEntries
            #expect(trail.first?.action == "SetAgentStatus" && trail.first?.actor == "agent:\(Stack.agentIDs[2].text)")
        }
    }
}

extension Stack {
    /// A conversation that an agent has paused and whose customer has written since, while the agent was away.
    fileprivate func pauseInHand(_ visitor: String) async throws {
        let conversations = ConversationsServiceClient(conversations)
        let id = try await customerWrites(visitor)
        try await accept(id, by: 1)
        _ = try await conversations.sendMessage(
            SendMessageRequest(conversationID: id, requestID: UUID().text, text: "one moment"), try await asAgent(1))
        _ = try await conversations.setPending(
            SetPendingRequest(conversationID: id, requestID: UUID().text), try await asAgent(1))
        try await setStatus(1, .away)
        try await customerWrites(visitor)
        try await settle()
    }
}
