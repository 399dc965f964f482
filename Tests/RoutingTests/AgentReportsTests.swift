import EventLog
import Foundation
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import Trials
import WallTime

@testable import Routing

@Suite("C56, C63, guarantees 10 and 18: agents' time, counted again from the log, and any moment looked at again")
struct AgentReportsTests {
    private static let zone = "America/New_York"

    /// How an agent was seen to be at one moment.
    private struct Seen {
        var time: Instant
        var agent: RoutingV1.Agent
    }

    @Test(
        "C56, C63, C59: time per status and day is what the events add up to; a moment's status and connection are what was seen")
    func C56_timePerStatus() async throws {
        try await withRouting { routing in
            let seed = UInt64.random(in: 0...UInt64.max)
            var random = SeededGenerator(seed: seed)
            try await routing.setZone(Self.zone)
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let start = routing.now
            let agents = [try await routing.agent("Ana"), try await routing.agent("Bea"), try await routing.agent("Cleo")]
            try routing.advance(by: .milliseconds(1))
            var seen: [Seen] = []
            for _ in 0..<250 {
                let agent = agents.randomElement(using: &random)!
                switch Int.random(in: 0..<8, using: &random) {
                case 0: try await routing.setStatus(agent, .available)
                case 1: try await routing.setStatus(agent, .away, reason: ["lunch", "training"].randomElement(using: &random)!)
                case 2: try await routing.setStatus(agent, .offline)
                default: _ = try await routing.beat(agent)
                }
                seen.append(Seen(time: routing.now, agent: try await routing.current(agent)))
                let milliseconds = [1..<9_000, 9_000..<31_000, 60_000..<20_000_000].randomElement(using: &random)!
                try routing.advance(by: .milliseconds(Int.random(in: milliseconds, using: &random)))
                _ = try await routing.surroundings.elapsePresence()
            }
            for one in seen {
                let then = try await routing.snapshot(of: one.agent.agentID, at: one.time)
                #expect(then.status == one.agent.status && then.presence == one.agent.presence, "seed \(seed), \(one.time)")
            }
            let end = routing.now
            let spent = try await routing.recount(until: end)
            #expect(Set(spent.map(\.availability)) == [.available, .away, .offline], "seed \(seed)")
            let length = start.duration(to: end) / 5
            let intervals = [
                (start, end.advanced(by: .seconds(3_600))), (start.advanced(by: length), start.advanced(by: length * 4)),
                (end, end),
            ]
            for (from, to) in intervals {
                for (zone, daily) in [("", false), ("", true), ("Asia/Kathmandu", true)] {
                    for chosen in [[], [agents[1].agentID]] {
                        let request = GetAgentReportRequest(
                            startTime: Timestamp(from), endTime: Timestamp(to), timeZone: zone, daily: daily, agentIDs: chosen,
                            pageSize: 4)
                        let days = daily ? TimeZone(identifier: zone.isEmpty ? Self.zone : zone)! : nil
                        let expected = AgentTime.sums(
                            spent.filter { chosen.isEmpty || chosen.contains($0.agentID) }, from: from, to: to, days: days)
                        let rows = try await routing.report(request)
                        let found = rows.map {
                            "\($0.day) \($0.agentID) \($0.availability) \(Swift.Duration($0.sum!))"
                        }
                        #expect(Set(AgentTime.merged(rows)) == Set(expected), "seed \(seed): \(request) \(found)")
                    }
                }
            }
        }
    }

    @Test("C56: reasons of absences are told apart, as the history of his status has them")
    func C56_reasons() async throws {
        try await withRouting { routing in
            _ = try await routing.surroundings.elapsePresence(anew: true)
            let ana = try await routing.agent("Ana")
            let start = routing.now
            _ = try await routing.beat(ana)
            for (status, reason) in [
                (AvailabilityState.away, "lunch"), (.available, ""), (.away, "training"), (.away, "lunch"), (.available, ""),
            ] {
                try routing.advance(by: .milliseconds(2_001))
                _ = try await routing.beat(ana)
                try await routing.setStatus(ana, status, reason: reason)
            }
            let rows = try await routing.report(
                GetAgentReportRequest(startTime: Timestamp(start), endTime: Timestamp(routing.now)))
            #expect(rows.map(\.availability) == [.available, .away, .away] && rows.map(\.reason) == ["", "lunch", "training"])
            #expect(rows.map { Swift.Duration($0.sum!) } == [4_002, 4_002, 2_001].map { .milliseconds($0) })
        }
    }

    @Test("guarantee 10: no moment ahead, none before he was taken on, and none of another tenant's agent")
    func guarantee10_refusals() async throws {
        try await withRouting { routing in
            let before = routing.now.advanced(by: .seconds(-1))
            let ana = try await routing.agent("Ana").agentID
            #expect(await refusal { _ = try await routing.snapshot(of: ana, at: routing.now) } == nil)
            #expect(
                await refusal { _ = try await routing.snapshot(of: ana, at: before) }?.hasSuffix("AGENT_NOT_FOUND") == true)
            let ahead = routing.now.advanced(by: .seconds(1))
            #expect(await refusal { _ = try await routing.snapshot(of: ana, at: ahead) }?.hasSuffix("INVALID_FIELD") == true)
            #expect(
                await refusal { _ = try await routing.snapshot(of: ana, at: routing.now, tenant: .v7(at: .now)) }?
                    .hasSuffix("AGENT_NOT_FOUND") == true)
            let report = GetAgentReportRequest(startTime: Timestamp(ahead), endTime: Timestamp(before))
            #expect(await refusal { _ = try await routing.report(report) }?.hasSuffix("INVALID_FIELD") == true)
        }
    }

    @Test("P7: the trail by actor and time, and for whom a service acted")
    func P7_trail() async throws {
        try await withRouting { routing in
            try routing.advance(by: .seconds(1))
            let start = routing.now
            let (boss, ana) = (AgentID(.v7(at: .now)), try await routing.agent("Ana"))
            try routing.advance(by: .seconds(1))
            try await routing.setStatus(ana, .away, by: boss)
            let whole = try await routing.trail(.init())
            #expect(whole.map(\.action) == ["SetAgentStatus", "CreateAgent", "CreateTenant"])
            #expect(whole[0].actor == "agent:\(boss)" && whole[0].onBehalfOf.isEmpty)
            #expect(whole[2].actor == "service:switchboard" && whole[2].onBehalfOf == "tenant:\(routing.tenantID.text)")
            #expect(try await routing.trail(.init(actor: "agent:\(boss)")) == [whole[0]])
            #expect(try await routing.trail(.init(startTime: Timestamp(start.advanced(by: .seconds(1))))) == [whole[0]])
            #expect(
                try await routing.trail(.init(endTime: Timestamp(start.advanced(by: .seconds(1))))) == Array(whole.dropFirst()))
            let backwards = RoutingV1.ListAuditEntriesRequest(
                startTime: Timestamp(start), endTime: Timestamp(start.advanced(by: .seconds(-1))))
            #expect(await refusal { _ = try await routing.trail(backwards) }?.hasSuffix("INVALID_FIELD") == true)
        }
    }
}

/// A time in which an agent was one way, as the events tell it.
private struct AgentTime {
    var agentID: String
    var availability: AvailabilityState
    var from: Instant
    var to: Instant

    struct Sum: Hashable {
        var day: String
        var agentID: String
        var availability: AvailabilityState
        var microseconds: Int64
    }

    /// Within an interval, by the zone's days if it is given.
    static func sums(_ times: [AgentTime], from: Instant, to: Instant, days zone: TimeZone?) -> [Sum] {
        var sums: [[String]: (AvailabilityState, Int64)] = [:]
        for time in times {
            var (begin, end) = (max(time.from, from), min(time.to, to))
            while begin < end {
                var day = ""
                var stop = end
                if let zone {
                    var calendar = Calendar(identifier: .gregorian)
                    calendar.timeZone = zone
                    let date = Date(timeIntervalSince1970: Double(begin.microseconds / 1_000_000))
                    let parts = calendar.dateComponents([.year, .month, .day], from: date)
                    day = String(format: "%04d-%02d-%02d", parts.year!, parts.month!, parts.day!)
                    let midnight = calendar.dateInterval(of: .day, for: date)!.end
                    stop = min(end, Instant(milliseconds: Int64(midnight.timeIntervalSince1970) * 1_000))
                }
                sums[[day, time.agentID, "\(time.availability)"], default: (time.availability, 0)].1 +=
                    stop.microseconds - begin.microseconds
                begin = stop
            }
        }
        return sums.map { Sum(day: $0.key[0], agentID: $0.key[1], availability: $0.value.0, microseconds: $0.value.1) }
    }

    /// A report's rows without their reasons, which no event holds.
    static func merged(_ rows: [AgentReportRow]) -> [Sum] {
        let groups = Dictionary(grouping: rows) { [$0.day, $0.agentID, "\($0.availability)"] }
        return groups.map { key, rows in
            let sum = rows.reduce(Swift.Duration.zero) { $0 + Swift.Duration($1.sum!) }
            return Sum(
                day: key[0], agentID: key[1], availability: rows[0].availability,
                microseconds: sum.components.seconds * 1_000_000 + sum.components.attoseconds / 1_000_000_000_000)
        }
    }
}

extension RoutingFixture {
    func setZone(_ zone: String) async throws {
        _ = try await tenants.updateTenantSettings(
            UpdateTenantSettingsRequest(
                settings: .init(timeZone: zone), updateMask: FieldMask(paths: ["time_zone"]), requestID: UUID().text),
            call(TenantsServiceDescriptor.updateTenantSettings))
    }

    /// All rows of a report, page by page.
    fileprivate func report(_ request: GetAgentReportRequest) async throws -> [AgentReportRow] {
        var (request, rows) = (request, [AgentReportRow]())
        repeat {
            let page = try await AgentReportsService(surroundings: surroundings).getAgentReport(
                request, call(AgentReportsServiceDescriptor.getAgentReport, roles: ["operator"]))
            (rows, request.pageToken) = (rows + page.rows, page.nextPageToken)
        } while !request.pageToken.isEmpty
        return rows
    }

    fileprivate func snapshot(of agent: String, at time: Instant, tenant: UUID? = nil) async throws -> AgentSnapshot {
        try await AgentReportsService(surroundings: surroundings).getAgentSnapshot(
            GetAgentSnapshotRequest(agentID: agent, readTime: Timestamp(time)),
            call(AgentReportsServiceDescriptor.getAgentSnapshot, roles: ["operator"], tenant: tenant)
        ).snapshot!
    }

    fileprivate func trail(_ request: RoutingV1.ListAuditEntriesRequest) async throws -> [RoutingV1.AuditEntry] {
        try await routing.listAuditEntries(request, call(RoutingServiceDescriptor.listAuditEntries)).auditEntries
    }

    /// How everybody spent his time, from nothing but the log.
    fileprivate func recount(until end: Instant) async throws -> [AgentTime] {
        struct Life {
            var since: Instant
            var status = AvailabilityState.available
            var connected = false

            var availability: AvailabilityState { connected ? status : .offline }
        }
        var (lives, times): ([String: Life], [AgentTime]) = ([:], [])
        func close(_ id: String, _ life: Life, at time: Instant) {
            if life.since < time {
                times.append(AgentTime(agentID: id, availability: life.availability, from: life.since, to: time))
            }
        }
        for try await batch in surroundings.events.batches(after: nil, EventFilter(tenantID: tenantID)) {
            for event in batch.events {
                guard let news = Routing.RoutingEvent(event) else { continue }
                let id = event.subjectID.text
                var life = lives[id] ?? Life(since: event.time)
                close(id, life, at: event.time)
                life.since = event.time
                switch news {
                case .agent: break
                case .presence(_, _, let after): life.connected = after != .offline
                case .status(_, let after): life.status = after.wire
                case .tenant, .department, .role, .botPresence: continue
                }
                lives[id] = life
            }
            if batch.isLive { break }
        }
        for (id, life) in lives { close(id, life, at: end) }
        return times
    }
}
