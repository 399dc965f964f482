import FoundationEssentials
import GRPC
import Postgres
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("Who is there")
struct PresenceTests {
    private static let tick = Duration.microseconds(1)

    @Test("C35, S25: by heartbeats: online, reconnecting from 10 s, offline after 30.000 s and not at it, each told once")
    func C35_elapses() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let ana = try await routing.agent("Ana")
            #expect(try await routing.current(ana).presence == .offline)
            #expect(try await routing.beat(ana) == 1)
            #expect(try await routing.current(ana).presence == .online)
            let steps: [(Duration, RoutingV1.PresenceState)] = [
                (.seconds(10) - Self.tick, .online), (Self.tick, .reconnecting), (.seconds(20), .reconnecting),
                (Self.tick, .offline), (.seconds(3_600), .offline),
            ]
            for (step, expected) in steps {
                try routing.advance(by: step)
                _ = try await routing.surroundings.elapsePresence()
                #expect(try await routing.current(ana).presence == expected, "after another \(step)")
            }
            let id = AgentID(ana.agentID)!
            let told = try await routing.events().filter { $0.kind == .presence }
            #expect(
                told == [
                    .presence(id, before: .offline, after: .online), .presence(id, before: .online, after: .reconnecting),
                    .presence(id, before: .reconnecting, after: .offline),
                ])
        }
    }

    @Test("S25: a heartbeat at 30.000 s cancels: nothing is taken from him; flapping makes nobody offline")
    func S25_flapping() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let ana = try await routing.agent("Ana")
            for _ in 0..<5 {
                _ = try await routing.beat(ana)
                try routing.advance(by: .seconds(30))
                _ = try await routing.surroundings.elapsePresence()
                #expect(try await routing.current(ana).presence == .reconnecting)
            }
            #expect(try await routing.surroundings.jobs.count(kinds: ["agent.withdraw"]) == 0)
            try routing.advance(by: Self.tick)
            _ = try await routing.surroundings.elapsePresence()
            #expect(try await routing.surroundings.jobs.count(kinds: ["agent.withdraw"]) == 1)
        }
    }

    @Test("C35: after a restart every agent has a fresh 30 s, and those who were offline stay so")
    func C35_restart() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let (ana, bea) = (try await routing.agent("Ana"), try await routing.agent("Bea"))
            _ = try await routing.beat(ana)
            // For an hour nobody is there to receive.
            try routing.advance(by: .seconds(3_600))
            _ = try await routing.surroundings.elapsePresence(anew: true)
            #expect(try await routing.current(ana).presence == .online)
            #expect(try await routing.current(bea).presence == .offline)
            try routing.advance(by: .seconds(30))
            _ = try await routing.surroundings.elapsePresence()
            #expect(try await routing.current(ana).presence == .reconnecting)
            try routing.advance(by: Self.tick)
            _ = try await routing.surroundings.elapsePresence()
            #expect(try await routing.current(ana).presence == .offline)
        }
    }

    @Test("C35: a silence of all replicas, noted by machine time, counts against nobody")
    func C35_silence() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let ana = try await routing.agent("Ana")
            _ = try await routing.beat(ana)
            try routing.advance(by: .seconds(31))
            // As if the last note were a minute old by the database's clock.
            _ = try await routing.pool.query("update routing.reception set note_time = clock_timestamp() - interval '1 minute'")
            _ = try await routing.surroundings.elapsePresence()
            #expect(try await routing.current(ana).presence != .offline)
            try routing.advance(by: .seconds(30) + Self.tick)
            _ = try await routing.surroundings.elapsePresence()
            #expect(try await routing.current(ana).presence == .offline)
        }
    }

    @Test("C12, C41: who signs out or stops working here is offline at once, and no heartbeat changes that")
    func C12_signOut() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let (ana, bea) = (try await routing.agent("Ana"), try await routing.agent("Bea"))
            _ = try await routing.beat(ana, bea)
            _ = try await routing.presence.signOut(
                SignOutRequest(requestID: UUID().text),
                routing.call(PresenceServiceDescriptor.signOut, agent: AgentID(ana.agentID), roles: ["agent"]))
            _ = try await routing.agents.deactivateAgent(
                DeactivateAgentRequest(agentID: bea.agentID, requestID: UUID().text),
                routing.call(AgentsServiceDescriptor.deactivateAgent))
            for agent in [ana, bea] { #expect(try await routing.current(agent).presence == .offline) }
            #expect(try await routing.beat(ana, bea) == 0)
            #expect(try await routing.surroundings.jobs.count(kinds: ["agent.withdraw"]) == 2)
            // Back at work, his heartbeats count again.
            try await routing.setStatus(ana, .available)
            #expect(try await routing.beat(ana, bea) == 1)
            #expect(try await routing.current(ana).presence == .online)
        }
    }

    @Test("heartbeats of many agents in two streams at once never wait for each other crosswise")
    func crosswise() async throws {
        try await withRouting { routing in
            var agents: [AgentKey] = []
            for number in 0..<20 {
                let agent = try await routing.agent("Agent \(number)")
                agents.append(AgentKey(tenantID: routing.tenantID, agent: AgentID(agent.agentID)!))
            }
            try await withThrowingTaskGroup(of: Int.self) { group in
                for round in 0..<40 {
                    let beats = round.isMultiple(of: 2) ? agents : agents.reversed()
                    group.addTask { try await routing.surroundings.beat(beats) }
                }
                for try await taken in group { #expect(taken == 20) }
            }
            #expect(try await routing.events().filter { $0.kind == .presence }.count == 20)
        }
    }
}

@Suite("Whether somebody wants work")
struct StatusTests {
    @Test("C56: away ends at its time, exactly, but only for somebody who is online; the history has every line")
    func C56_until() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let (ana, bea) = (try await routing.agent("Ana"), try await routing.agent("Bea"))
            try routing.advance(by: .milliseconds(1))
            let until = routing.now.advanced(by: .seconds(5))
            for agent in [ana, bea] { try await routing.setStatus(agent, .away, reason: "lunch", until: until) }
            _ = try await routing.beat(ana)
            try routing.advance(by: .seconds(5) - .microseconds(1))
            _ = try await routing.surroundings.fireTimers()
            #expect(try await routing.current(ana).status?.availability == .away)
            try routing.advance(by: .microseconds(1))
            #expect(try await routing.surroundings.fireTimers() == nil)
            #expect(try await routing.current(ana).status?.availability == .available)
            #expect(try await routing.current(ana).status?.changedBy == "", "the system's doing")
            #expect(try await routing.current(bea).status?.availability == .away)
            let history = try await routing.agents.listStatusHistory(
                ListStatusHistoryRequest(agentID: ana.agentID), routing.call(AgentsServiceDescriptor.listStatusHistory))
            #expect(history.statuses.map(\.availability) == [.available, .away, .available])
            #expect(history.statuses[1].reason == "lunch")
        }
    }

    @Test("C56, C55: he himself says so, or who supervises; nobody else; a time that is past is refused")
    func C55_whoMay() async throws {
        try await withRouting { routing in
            let (ana, bea) = (try await routing.agent("Ana"), try await routing.agent("Bea"))
            try await routing.setStatus(ana, .away, by: AgentID(ana.agentID), roles: ["agent"])
            try await routing.setStatus(ana, .available, by: AgentID(bea.agentID), roles: ["operator"])
            let refused = await refusal {
                try await routing.setStatus(ana, .away, by: AgentID(bea.agentID), roles: ["agent"])
            }
            #expect(refused == "PERMISSION_DENIED/NOT_YOURS")
            let past = await refusal { try await routing.setStatus(ana, .away, until: routing.now) }
            #expect(past == "INVALID_ARGUMENT/INVALID_FIELD")
            #expect(try await routing.current(ana).status?.availability == .available)
        }
    }

    @Test("C14: three offers missed in a row set him away(missed_offers), by the system")
    func C14_missedOffers() async throws {
        try await withRouting { routing in
            let ana = try await routing.agent("Ana")
            let id = AgentID(ana.agentID)!
            for missed in 1...3 {
                try await routing.surroundings.transaction(routing.tenantID) { store in
                    try await routing.surroundings.countMissedOffer(of: id, at: routing.now, store)
                }
                let status = try await routing.current(ana).status
                #expect((status?.availability == .away) == (missed == 3))
                #expect(status?.reason == (missed == 3 ? "missed_offers" : ""))
            }
            // Coming back begins a new row.
            try await routing.setStatus(ana, .available)
            try await routing.surroundings.transaction(routing.tenantID) { store in
                try await routing.surroundings.countMissedOffer(of: id, at: routing.now, store)
            }
            #expect(try await routing.current(ana).status?.availability == .available)
        }
    }
}
