import FoundationEssentials
import ServiceRuntime
import Testing
import TicketsV1

@testable import Tickets

@Suite("What is at risk")
struct AtRiskTests {
    @Test("C55: tickets whose clocks have warned or run out count once, by department, until they are met or pause")
    func C55_atRisk() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8], warn: 60)
            let (sales, care) = (try await desk.department(), try await desk.department())
            var tickets: [TicketsV1.Ticket] = []
            for department in [sales, sales, care] {
                tickets.append(try await desk.create(.init(subject: "A question", departmentID: department.text)))
            }
            _ = try await desk.create(.init(subject: "Ours", type: .internal, departmentID: care.text))
            #expect(try await desk.atRisk() == [])

            try desk.advance(.seconds(7 * 3_600 + 1_800))
            while try await desk.alarms.fireDue() {}
            #expect(try await desk.atRisk() == [Line(sales, 2, 0), Line(care, 2, 0)].sorted())
            #expect(try await desk.atRisk(in: [care]) == [Line(care, 2, 0)])
            #expect(try await desk.atRisk(kind: .integrator) == [Line(sales, 2, 0), Line(care, 1, 0)].sorted())

            try desk.advance(.seconds(3_600))
            while try await desk.alarms.fireDue() {}
            #expect(try await desk.atRisk(in: [sales]) == [Line(sales, 0, 2)])
            try await desk.change(tickets[0].ticketID, .resolved)
            try await desk.change(tickets[1].ticketID, .resolved)
            try await desk.change(tickets[2].ticketID, .cancelled)
            #expect(try await desk.atRisk(in: [care]) == [Line(care, 0, 1)])
            #expect(try await desk.other().atRisk() == [])
        }
    }
}

/// A line of the answer, in an order of its own.
private struct Line: Equatable, Comparable {
    var department: String
    var atRisk: Int32
    var breached: Int32

    init(_ department: UUID, _ atRisk: Int32, _ breached: Int32) {
        (self.department, self.atRisk, self.breached) = (department.text, atRisk, breached)
    }

    static func < (one: Line, other: Line) -> Bool { one.department < other.department }
}

extension Desk {
    fileprivate func atRisk(in departments: [UUID] = [], kind: Principal.Kind = .agent) async throws -> [Line] {
        let context = caller("operator", kind: kind, TicketReportsServiceDescriptor.countSlasAtRisk)
        return try await TicketReportsService(surroundings: surroundings).countSlasAtRisk(
            CountSlasAtRiskRequest(departmentIDs: departments.map(\.text)), context
        ).departments.map { Line(UUID(id: $0.departmentID)!, $0.atRisk, $0.breached) }
    }
}
