import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing
import TicketsV1
import WallTime

@testable import Tickets

@Suite("Tickets")
struct TicketTests {
    @Test("S41: a ticket has all its fields, and what it names must be there")
    func S41_fields() async throws {
        try await withDesk { desk in
            let requester = UUID.v7(at: .now)
            desk.neighbours.add(requester)
            let admin = desk.caller()
            let category = try #require(
                try await desk.catalogue.createCategory(
                    .init(category: .init(displayName: "Billing")), admin
                ).category)
            let service = try #require(
                try await desk.catalogue.createCatalogueService(
                    .init(service: .init(displayName: "Refund", categoryID: category.categoryID)), admin
                ).service)
            try await desk.policy([.resolution: 8])
            let assignee = UUID.v7(at: .now).text
            let ticket = try await desk.create(
                .init(
                    subject: "Money back", type: .internal, requesterID: requester.text,
                    serviceID: service.serviceID,
                    assigneeID: assignee, labels: ["vip", "vip"]))
            #expect(
                ticket.number == "1" && ticket.sequence == 1 && ticket.status == .new
                    && ticket.subject == "Money back")
            #expect(
                ticket.type == .internal && ticket.requesterID == requester.text
                    && ticket.serviceID == service.serviceID)
            // What the service brings along, the standard priority, the promised end.
            #expect(
                ticket.categoryID == category.categoryID && ticket.assigneeID == assignee
                    && !ticket.assigneeFollows)
            let priorities = try await desk.catalogue.listTicketPriorities(.init(), admin).priorities
            #expect(priorities.map(\.displayName) == ["urgent", "high", "normal", "low"])
            #expect(
                ticket.priorityID == priorities.first { $0.standard }?.priorityID
                    && ticket.labels == ["vip"])
            #expect(
                ticket.estimatedResolutionTime.map(Instant.init)
                    == desk.now.advanced(by: .seconds(8 * 3_600)))
            #expect(try await desk.get(ticket.ticketID) == ticket)

            let nobody = UUID.v7(at: .now).text
            for (wrong, expected) in [
                (TicketsV1.Ticket(subject: ""), "INVALID_FIELD"),
                (.init(subject: "two\nlines"), "INVALID_FIELD"),
                (.init(subject: "x", requesterID: nobody), "CONTACT_NOT_FOUND"),
                (.init(subject: "x", serviceID: nobody), "SERVICE_NOT_FOUND"),
                (.init(subject: "x", categoryID: nobody), "CATEGORY_NOT_FOUND"),
                (.init(subject: "x", priorityID: nobody), "PRIORITY_NOT_FOUND"),
                (.init(subject: "x", labels: (0...50).map { "\($0)" }), "INVALID_FIELD"),
            ] {
                #expect(await reason { _ = try await desk.create(wrong) } == expected)
            }
            // Nothing that was refused took a number.
            #expect(try await desk.create(.init(subject: "next")).sequence == 2)
        }
    }

    @Test(
        "S41: numbers have no gaps under sixteen writers who also fail; the prefix holds for new ones")
    func S41_numbersHaveNoGaps() async throws {
        try await withDesk { desk in
            let admin = desk.caller()
            _ = try await desk.sla.updateTicketSettings(
                .init(settings: .init(numberPrefix: "SUP")), admin)
            struct Abandoned: Error {}
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for round in 0..<6 {
                            guard (writer + round) % 3 == 0 else {
                                _ = try await desk.create(.init(subject: "ticket"))
                                continue
                            }
                            // Takes a number, and rolls back.
                            await #expect(throws: Abandoned.self) {
                                try await desk.surroundings.tenants.transaction(as: desk.tenantID) { transaction in
                                    _ = try await TicketStore(transaction: transaction, tenantID: desk.tenantID)
                                        .nextSequence()
                                    throw Abandoned()
                                }
                            }
                        }
                    }
                }
                try await group.waitForAll()
            }
            let list = try await desk.tickets.listTickets(
                .init(pageSize: 200, orderBy: "sequence"), admin)
            #expect(list.tickets.count == 64)
            #expect(list.tickets.map(\.sequence) == (1...64).map(Int32.init))
            #expect(list.tickets.map(\.number) == (1...64).map { "SUP-\($0)" })
        }
    }

    @Test(
        "S41: an internal ticket and an internal comment are unknown to whoever talks with customers; a visitor sees nothing"
    )
    func S41_internalStaysInternal() async throws {
        try await withDesk { desk in
            let (open, hidden) = (
                try await desk.create(.init(subject: "a")),
                try await desk.create(.init(subject: "b", type: .internal))
            )
            for text in [
                ("for all", CommentVisibility.public), ("between us", .internal),
                ("by default", .unspecified),
            ] {
                _ = try await desk.tickets.addComment(
                    .init(ticketID: open.ticketID, comment: .init(visibility: text.1, text: text.0)),
                    desk.caller())
            }
            let bot = desk.caller("", kind: .bot)
            let seen = try await desk.tickets.listComments(.init(ticketID: open.ticketID), bot)
            #expect(seen.comments.map(\.text) == ["for all"])
            #expect(
                try await desk.tickets.listComments(.init(ticketID: open.ticketID), desk.caller()).comments
                    .count == 3)
            #expect(
                await reason { _ = try await desk.tickets.getTicket(.init(ticketID: hidden.ticketID), bot) }
                    == "TICKET_NOT_FOUND")
            #expect(
                try await desk.tickets.listTickets(.init(), bot).tickets.map(\.ticketID) == [open.ticketID])
            #expect(try await desk.tickets.listTickets(.init(types: [.internal]), bot).tickets.isEmpty)
            #expect(
                try await desk.tickets.batchGetTickets(
                    .init(ticketIDs: [hidden.ticketID, open.ticketID]), bot
                ).tickets.count == 1)
            let internals = try await desk.events().filter { $0.news.ticketID.text == hidden.ticketID }
            #expect(!internals.isEmpty && internals.allSatisfy(\.news.isInternal))
            #expect(try await desk.events(.commented).map(\.news.isInternal) == [false, true, true])
            #expect(!Principal(tenantID: desk.tenantID, subject: "v", kind: .visitor).has(.ticketsRead))
        }
    }

    @Test(
        "C39: resolved reopens within reopen_within, goes on with what it consumed, and not later; ended tickets never do"
    )
    func C39_reopening() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8])
            let ticket = try await desk.create(.init(subject: "a"))
            try desk.advance(.seconds(3_600))
            let resolved = try await desk.change(ticket.ticketID, .resolved, reason: "done")
            #expect(
                resolved.status == .resolved && resolved.statusReason == "done"
                    && resolved.estimatedResolutionTime == nil)
            #expect(resolved.clocks.map(\.state) == [.met])
            try desk.advance(.seconds(7 * 86_400))
            let reopened = try await desk.change(ticket.ticketID, .open)
            #expect(
                reopened.estimatedResolutionTime.map(Instant.init)
                    == desk.now.advanced(by: .seconds(7 * 3_600)))
            #expect(reopened.clocks[0].consumed == .init(seconds: 3_600))
            try await desk.change(ticket.ticketID, .resolved)
            try desk.advance(.seconds(7 * 86_400) + .microseconds(1))
            #expect(await reason { try await desk.change(ticket.ticketID, .open) } == "REOPEN_TOO_LATE")
            try await desk.change(ticket.ticketID, .closed)
            #expect(
                await reason { try await desk.change(ticket.ticketID, .open) } == "STATUS_NOT_ALLOWED")
            #expect(
                await reason { _ = try await desk.update(.init(ticketID: ticket.ticketID, subject: "b")) }
                    == "TICKET_ENDED")
            let kinds = try await desk.history(ticket.ticketID)
            #expect(kinds.map(\.number) == (1...Int32(kinds.count)).map { $0 })
            #expect(
                kinds.filter { $0.kind == "status_changed" }.count == 4
                    && kinds.contains { $0.reason == "done" })
        }
    }

    @Test("S41: a stale etag is refused, a request id answers once, an update names its paths")
    func S41_etagsAndRequestIDs() async throws {
        try await withDesk { desk in
            let request = UUID.v7(at: .now).text
            let first = try await desk.create(.init(subject: "a"), requestID: request)
            #expect(try await desk.create(.init(subject: "a"), requestID: request) == first)
            #expect(
                await reason { _ = try await desk.create(.init(subject: "b"), requestID: request) }
                    == "REQUEST_ID_REUSED")
            let changed = try await desk.update(
                .init(ticketID: first.ticketID, subject: "b"), ["subject"], etag: first.etag)
            #expect(changed.subject == "b" && changed.etag != first.etag)
            #expect(
                await reason {
                    _ = try await desk.update(
                        .init(ticketID: first.ticketID, subject: "c"), ["subject"], etag: first.etag)
                } == "ETAG_MISMATCH")
            #expect(
                await reason { _ = try await desk.update(.init(ticketID: first.ticketID), ["status"]) }
                    == nil)
            #expect(
                await reason { _ = try await desk.update(.init(ticketID: first.ticketID), ["colour"]) }
                    == "UPDATE_MASK_INVALID")
            #expect(
                await reason { _ = try await desk.update(.init(ticketID: first.ticketID), ["subject"]) }
                    == "INVALID_FIELD")
            let changes = try await desk.history(first.ticketID).flatMap(\.changes)
            // That the subject changed is told, not what it said.
            #expect(changes.contains { $0.path == "subject" && $0.after.isEmpty })
            #expect(await reason { _ = try await desk.other().get(first.ticketID) } == "TICKET_NOT_FOUND")
        }
    }

    @Test("S41: lists are filtered and paged; a category holds what is below it")
    func S41_lists() async throws {
        try await withDesk { desk in
            let admin = desk.caller()
            let parent = try #require(
                try await desk.catalogue.createCategory(.init(category: .init(displayName: "All")), admin)
                    .category)
            let child = try #require(
                try await desk.catalogue.createCategory(
                    .init(category: .init(displayName: "Some", parentCategoryID: parent.categoryID)), admin
                ).category)
            #expect(child.ancestorCategoryIDs == [parent.categoryID])
            for number in 0..<7 {
                try desk.advance(.seconds(1))
                _ = try await desk.create(
                    .init(
                        subject: "\(number)", categoryID: number % 2 == 0 ? child.categoryID : "",
                        labels: ["l\(number)"]))
            }
            let below = try await desk.tickets.listTickets(.init(categoryIDs: [parent.categoryID]), admin)
            #expect(below.tickets.map(\.subject) == ["6", "4", "2", "0"])
            #expect(
                try await desk.tickets.listTickets(.init(label: "l3"), admin).tickets.map(\.subject) == [
                    "3"
                ])
            #expect(
                try await desk.tickets.listTickets(.init(number: "5"), admin).tickets.map(\.sequence) == [5]
            )
            for order in ["", "create_time", "update_time desc", "sequence", "sequence desc"] {
                let all = try await desk.tickets.listTickets(.init(orderBy: order), admin).tickets
                var (token, seen) = ("", [TicketsV1.Ticket]())
                repeat {
                    let page = try await desk.tickets.listTickets(
                        .init(pageSize: 3, pageToken: token, orderBy: order), admin)
                    seen += page.tickets
                    token = page.nextPageToken
                } while !token.isEmpty
                #expect(seen == all && all.count == 7)
            }
            #expect(
                await reason { _ = try await desk.tickets.listTickets(.init(orderBy: "colour"), admin) }
                    == "ORDER_BY_INVALID")
        }
    }

    @Test(
        "S41: a category tree has no circles and is eight deep; names are unique among siblings; one priority is the standard"
    )
    func S41_catalogue() async throws {
        try await withDesk { desk in
            let admin = desk.caller()
            func node(_ name: String, _ parent: String) async throws -> TicketsV1.Category {
                try #require(
                    try await desk.catalogue.createCategory(
                        .init(category: .init(displayName: name, parentCategoryID: parent)), admin
                    ).category)
            }
            var nodes = [try await node("0", "")]
            for depth in 1..<8 { nodes.append(try await node("\(depth)", nodes[depth - 1].categoryID)) }
            #expect(await reason { _ = try await node("8", nodes[7].categoryID) } == "CATEGORY_TOO_DEEP")
            #expect(await reason { _ = try await node("1", nodes[0].categoryID) } == "NAME_TAKEN")
            #expect(
                await reason {
                    _ = try await desk.catalogue.updateCategory(
                        .init(
                            category: .init(
                                categoryID: nodes[0].categoryID, parentCategoryID: nodes[3].categoryID)), admin)
                } == "CATEGORY_CIRCLE")
            let priorities = try await desk.catalogue.listTicketPriorities(.init(), admin).priorities
            let (urgent, normal) = (priorities[0], priorities[2])
            let made = try await desk.catalogue.updateTicketPriority(
                .init(priority: .init(priorityID: urgent.priorityID, standard: true)), admin)
            #expect(made.priority?.standard == true)
            let after = try await desk.catalogue.listTicketPriorities(.init(), admin).priorities
            #expect(after.filter(\.standard).map(\.priorityID) == [urgent.priorityID])
            #expect(
                await reason {
                    _ = try await desk.catalogue.updateTicketPriority(
                        .init(priority: .init(priorityID: urgent.priorityID, archived: true)), admin)
                } == "PRIORITY_STANDARD")
            #expect(
                await reason {
                    _ = try await desk.catalogue.createTicketPriority(
                        .init(priority: .init(displayName: "x", rank: normal.rank)), admin)
                } == "RANK_TAKEN")
        }
    }
}
