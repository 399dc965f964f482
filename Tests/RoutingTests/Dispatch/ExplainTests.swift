import ConversationsV1
import FoundationEssentials
import GRPC
import Postgres
import PostgresTesting
import RoutingV1
import ServiceRuntime
import Testing
import Trials

/// Guarantee 5: the dry run and the decision see the same, and say the same.
@Suite("Explained routing", .serialized)
struct ExplainTests {
    @Test(
        "guarantee 5: for each of a queue the dry run names the agent who then gets it, or says that nobody does, and why; it changes nothing",
        .timeLimit(.minutes(2)), arguments: [RoutingV1.DistributionMethod.leastBusy, .random, .manual])
    func G5_theDryRunIsTheDecision(method: RoutingV1.DistributionMethod) async throws {
        try await Stack.with(method: method) { stack in
            try await stack.beat(0, 1)
            try await stack.settle()
            let hold = try await stack.holdDispatch()
            // Two agents are there, with two slots each: the last two of six wait.
            var ids: [String] = []
            for _ in 0..<6 {
                try stack.advance(by: .milliseconds(1))
                ids.append(try await stack.customerWrites())
            }
            try await stack.knowsQueue(ids)
            let before = try await stack.everything()
            var explained: [RoutingV1.Explanation] = []
            for id in ids { explained.append(try await stack.explain(id)) }
            #expect(try await stack.everything() == before, "asking has no side effect")
            #expect(explained.map(\.position) == [1, 2, 3, 4, 5, 6])
            for explanation in explained {
                #expect(explanation.candidates.count == 3 && explanation.method == method)
                let chosen = explanation.candidates.filter(\.chosen)
                #expect(chosen.map(\.agentID) == (explanation.agentID.isEmpty ? [] : [explanation.agentID]))
                // Who is not there is always named with that reason, and whoever is passed over for a reason has one.
                let absent = explanation.candidates.first { $0.agentID == Stack.agentIDs[2].text }
                #expect(absent?.exclusions.contains(.offline) == true)
                if explanation.outcome == .nobody { #expect(explanation.candidates.allSatisfy { !$0.exclusions.isEmpty }) }
            }
            let expected: [RoutingV1.RouteOutcome] =
                method == .manual
                ? Array(repeating: .manual, count: 6) : [.offer, .offer, .offer, .offer, .nobody, .nobody]
            #expect(explained.map(\.outcome) == expected)
            try await stack.release(hold)
            for (id, explanation) in zip(ids, explained) where explanation.outcome == .offer {
                let offered = try await stack.eventually(id, "it is offered") { $0.state == .offered }
                #expect(offered.assigneeID == explanation.agentID)
            }
            try await stack.settle()
            for (id, explanation) in zip(ids, explained) where explanation.outcome != .offer {
                #expect(try await stack.conversation(id).state == .queued)
            }
            // Of one that has left the queue it says so, and who has it.
            if let (id, explanation) = zip(ids, explained).first(where: { $1.outcome == .offer }) {
                let now = try await stack.explain(id)
                #expect(now.outcome == .notQueued && now.agentID == explanation.agentID)
            }
        }
    }

    @Test("guarantee 5: every reason not to be chosen is told: away, offline, at the limit", .timeLimit(.minutes(2)))
    func G5_reasons() async throws {
        try await Stack.with(loadMax: 1) { stack in
            try await stack.beat(0, 1)
            try await stack.settle()
            try await stack.eventually(stack.customerWrites(), "it is offered") { $0.state == .offered }
            let taken = try await stack.customerWrites()
            let holder = try await stack.eventually(taken, "it is offered") { $0.state == .offered }.assigneeID
            _ = try await AgentsServiceClient(stack.routing).setAgentStatus(
                SetAgentStatusRequest(agentID: Stack.agentIDs[0].text, availability: .away, requestID: UUID().text),
                try await stack.asAgent(0))
            try await stack.settle()
            let id = try await stack.customerWrites()
            try await stack.settle()
            let explained = try await stack.explain(id)
            #expect(explained.outcome == .nobody && !holder.isEmpty)
            let reasons = Dictionary(uniqueKeysWithValues: explained.candidates.map { ($0.agentID, $0.exclusions) })
            #expect(reasons[Stack.agentIDs[0].text]?.contains(.away) == true)
            #expect(reasons[Stack.agentIDs[1].text] == [.atLimit])
            #expect(reasons[Stack.agentIDs[2].text] == [.offline])
        }
    }
}

extension Stack {
    /// What conversations and routing hold, but for leases.
    fileprivate func everything() async throws -> [String] {
        try await database.withAdministrator { pool in
            try await pool.query(
                """
                select string_agg(conversation::text, ',' order by conversation_id) from conversations.conversation
                union all
                select string_agg(conversation::text, ',' order by conversation_id) from routing.conversation
                union all
                select string_agg(agent::text, ',' order by agent_id) from routing.agent
                union all
                select (select sum(position) from conversations.event_partition)::text
                union all
                select (select sum(position) from routing.event_partition)::text
                union all
                select string_agg(job_id::text, ',' order by job_id) from routing.job
                """
            ).map { try $0.decode(String.self) }
        }
    }
}
