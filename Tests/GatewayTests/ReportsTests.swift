import ConversationsV1
import GRPC
import RoutingV1
import Synchronization
import Testing
import TicketsV1

@testable import Gateway

@Suite("C63: reports of all services, composed")
struct ReportsTests {
    private static let path =
        "/v1/reports?startTime=2026-11-01T00:00:00Z&endTime=2026-12-01T00:00:00Z&dimensions=CONVERSATION_REPORT_DIMENSION_DAY"

    @Test("C59, C63: the days are those of the zone that conversations names; each service is asked what it can tell apart")
    func C63_composed() async throws {
        try await EdgeUnderTest.run { edge in
            let channel = "&dimensions=CONVERSATION_REPORT_DIMENSION_CHANNEL&agentIds=\(FakeConversations.agentID)"
            let reply = try await edge.send("GET", Self.path + channel)
            #expect(reply.status == 200 && reply.json["timeZone"] == "America/Sao_Paulo", "\(reply.text)")
            #expect(reply.json["conversations"]?["rows"]?.arrayValue?.first?["count"] == "7")
            #expect(reply.json["tickets"]?["rows"]?.arrayValue?.first?["attainedCount"] == "3")
            #expect(reply.json["agents"]?["rows"]?.arrayValue?.first?["sum"] == "90s")
            #expect(reply.json["warnings"] == [])
            let asked = edge.reports.asked.withLock { $0 }
            #expect(asked.tickets?.timeZone == "America/Sao_Paulo" && asked.agents?.timeZone == "America/Sao_Paulo")
            #expect(asked.tickets?.dimensions == [.day, .channel] && asked.agents?.daily == true)
            #expect(
                asked.tickets?.agentIDs == [FakeConversations.agentID] && asked.agents?.agentIDs == [FakeConversations.agentID])
            #expect(asked.tickets?.startTime == asked.conversations?.startTime)
        }
    }

    @Test("C63: a report of some channels has no agents; a part that is down is said; parameters nobody knows are refused")
    func C63_parts() async throws {
        try await EdgeUnderTest.run { edge in
            let channels = try await edge.send("GET", Self.path + "&channels=CHANNEL_KIND_EMAIL")
            #expect(channels.json["tickets"]?["rows"]?.arrayValue?.count == 1 && channels.json["agents"] == .null)
            #expect(channels.json["warnings"] == [] && edge.reports.asked.withLock { $0.tickets?.channels } == ["email"])
            // Tickets have priorities of their own.
            let urgent = try await edge.send(
                "GET", Self.path + "&priorities=PRIORITY_URGENT&dimensions=CONVERSATION_REPORT_DIMENSION_PRIORITY")
            #expect(urgent.json["tickets"] == .null && urgent.json["agents"] == .null && urgent.json["warnings"] == [])
            #expect(edge.reports.asked.withLock { $0.conversations?.priorities } == [.urgent])
            let byPriority = try await edge.send("GET", Self.path + "&dimensions=CONVERSATION_REPORT_DIMENSION_PRIORITY")
            #expect(byPriority.status == 200 && edge.reports.asked.withLock { $0.tickets?.dimensions } == [.day, .priority])
            edge.reports.isDown.raise()
            let reply = try await edge.send("GET", Self.path)
            #expect(reply.status == 200 && reply.json["conversations"]?["rows"]?.arrayValue?.count == 1)
            #expect(reply.json["tickets"] == .null && reply.json["agents"]?["rows"]?.arrayValue?.count == 1)
            #expect(reply.json["warnings"] == [["service": "tickets", "reason": "UNAVAILABLE"]])
            #expect(try await edge.send("GET", Self.path + "&nothing=1").status == 400)
            #expect(try await edge.send("GET", Self.path, token: nil).status == 401)
        }
    }
}

@Suite("C55: the board, composed")
struct SupervisionTests {
    @Test("C55: queues and agents with the SLAs at risk; where tickets is away, that is said and the board is there")
    func C55_supervision() async throws {
        try await EdgeUnderTest.run { edge in
            let path = "/v1/supervision?departmentIds=\(FakeConversations.agentID)"
            let reply = try await edge.send("GET", path)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(reply.json["board"]?["departments"]?.arrayValue?.first?["queued"] == 3)
            let slas = reply.json["slas"]?["departments"]?.arrayValue?.first
            #expect(slas?["departmentId"] == .string(FakeConversations.agentID) && slas?["atRisk"] == 2 && slas?["breached"] == 1)
            #expect(reply.json["warnings"] == [])
            edge.reports.isDown.raise()
            let without = try await edge.send("GET", path)
            #expect(without.status == 200 && without.json["slas"] == .null)
            #expect(without.json["board"]?["departments"]?.arrayValue?.count == 1)
            #expect(without.json["warnings"] == [["service": "tickets", "reason": "UNAVAILABLE"]])
            #expect(try await edge.send("GET", "/v1/supervision?nothing=1").status == 400)
            #expect(try await edge.send("GET", path, token: nil).status == 401)
        }
    }
}

/// The three services' reports, from memory.
final class FakeReports: Sendable {
    struct Asked {
        var conversations: GetConversationReportRequest?
        var tickets: GetTicketReportRequest?
        var agents: GetAgentReportRequest?
    }

    let asked = Mutex(Asked())
    /// Tickets answer nothing.
    let isDown = Flag()

    var services: [any GRPC.Service] {
        [FakeConversationReports(reports: self), FakeTicketReports(reports: self), FakeAgentReports(reports: self)]
    }
}

private struct FakeConversationReports: ConversationReportsServiceProtocol {
    let reports: FakeReports

    func getConversationReport(
        _ request: GetConversationReportRequest, _ context: ServerContext
    ) async throws -> GetConversationReportResponse {
        reports.asked.withLock { $0.conversations = request }
        return GetConversationReportResponse(rows: [.init(measure: .volume, count: 7)], timeZone: "America/Sao_Paulo")
    }
}

private struct FakeTicketReports: TicketReportsServiceProtocol {
    let reports: FakeReports

    func getTicketReport(_ request: GetTicketReportRequest, _ context: ServerContext) async throws -> GetTicketReportResponse {
        if reports.isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        reports.asked.withLock { $0.tickets = request }
        return GetTicketReportResponse(rows: [.init(measure: .resolutionSla, count: 4, attainedCount: 3)])
    }

    func countSlasAtRisk(_ request: CountSlasAtRiskRequest, _ context: ServerContext) async throws -> CountSlasAtRiskResponse {
        if reports.isDown.isRaised { throw RPCError(code: .unavailable, message: "down") }
        return CountSlasAtRiskResponse(
            departments: request.departmentIDs.map { SlasAtRisk(departmentID: $0, atRisk: 2, breached: 1) })
    }
}

private struct FakeAgentReports: AgentReportsServiceProtocol {
    let reports: FakeReports

    func getAgentReport(_ request: GetAgentReportRequest, _ context: ServerContext) async throws -> GetAgentReportResponse {
        reports.asked.withLock { $0.agents = request }
        return GetAgentReportResponse(rows: [.init(availability: .available, sum: .init(seconds: 90))])
    }
}
