import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import Testing
import TicketsV1
import WallTime

@testable import Tickets

@Suite("What routing tells of a tenant")
struct DirectoryTests {
    @Test("C41: tickets and catalogue services go to departments that there are; one that is over keeps what it has")
    func C41_departments() async throws {
        try await withDesk { desk in
            let (there, over) = (try await desk.department(), try await desk.department(.archived))
            let foreign = try await desk.other().department()
            let ticket = try await desk.create(.init(subject: "A question", departmentID: there.text))
            for department in [over, foreign, UUID.v7(at: desk.now)] {
                #expect(
                    await reason { _ = try await desk.create(.init(subject: "x", departmentID: department.text)) }
                        == "DEPARTMENT_NOT_FOUND")
                #expect(
                    await reason {
                        _ = try await desk.update(
                            .init(ticketID: ticket.ticketID, departmentID: department.text), ["department_id"])
                    } == "DEPARTMENT_NOT_FOUND")
                #expect(await reason { _ = try await desk.catalogueService(department) } == "DEPARTMENT_NOT_FOUND")
            }
            _ = try await desk.catalogueService(there)

            try await desk.hear(department: there, .archived)
            let changed = try await desk.update(.init(ticketID: ticket.ticketID, subject: "Another"), ["subject"])
            #expect(changed.departmentID == there.text && changed.subject == "Another")
        }
    }

    @Test("P2: a suspended tenant reads, and repeats what it wrote; it writes nothing new, and another one does")
    func P2_suspension() async throws {
        try await withDesk { desk in
            let id = UUID.v7(at: desk.now).text
            let ticket = try await desk.create(.init(subject: "A question"), requestID: id)
            try await desk.tenant(.suspended)
            #expect(try await desk.get(ticket.ticketID).subject == "A question")
            #expect(try await desk.create(.init(subject: "A question"), requestID: id) == ticket)
            #expect(await reason { _ = try await desk.create(.init(subject: "x")) } == "TENANT_SUSPENDED")
            _ = try await desk.other().create(.init(subject: "x"))
            try await desk.tenant(.active)
            _ = try await desk.create(.init(subject: "x"))
        }
    }

    @Test("C59: a report's days are the tenant's, unless a zone is named; without either they are UTC's")
    func C59_zone() async throws {
        try await withDesk { desk in
            let asked = GetTicketReportRequest(
                startTime: Timestamp(desk.now), endTime: Timestamp(desk.now.advanced(by: .seconds(60))))
            func zone(_ named: String = "") async throws -> String {
                var request = asked
                request.timeZone = named
                let context = desk.caller("operator", kind: .agent, TicketReportsServiceDescriptor.getTicketReport)
                return try await TicketReportsService(surroundings: desk.surroundings).getTicketReport(request, context).timeZone
            }
            #expect(try await zone() == "UTC")
            try await desk.tenant(timeZone: "America/Sao_Paulo")
            #expect(try await zone() == "America/Sao_Paulo")
            #expect(try await zone("Asia/Tokyo") == "Asia/Tokyo")
        }
    }
}

extension Desk {
    fileprivate func catalogueService(_ department: UUID) async throws -> TicketsV1.CatalogueService? {
        try await catalogue.createCatalogueService(
            CreateCatalogueServiceRequest(
                service: .init(displayName: "Care of \(department.text)", departmentID: department.text)),
            caller("admin", kind: .agent, TicketCatalogueServiceDescriptor.createCatalogueService)
        ).service
    }
}
