import FoundationEssentials
import GRPC
import ServiceRuntime
import Synchronization
import Testing
import TicketsV1

/// A ticket and what belongs to it.
extension Scene {
    private static let rank = Mutex(400)

    /// No two things of a tenant have the same rank.
    static func nextRank() -> Int {
        rank.withLock { rank in
            rank += 1
            return rank
        }
    }

    private var tickets: TicketsServiceClient { TicketsServiceClient(place.side("tickets").channel) }
    private var catalogue: TicketCatalogueServiceClient { TicketCatalogueServiceClient(place.side("tickets").channel) }
    private var sla: SlaServiceClient { SlaServiceClient(place.side("tickets").channel) }

    mutating func makeTicket() async throws {
        let options = try await options("admin", to: "tickets")
        try await makeCatalogue(options)
        try await makePolicy(options)
        var ids: [String] = []
        // One of a department, so that reports have two rows.
        for department in ["", "", "", tenant.department.text] {
            let ticket = Ticket(subject: UUID().text, departmentID: department)
            let made = try await tickets.createTicket(CreateTicketRequest(ticket: ticket), options)
            ids.append(try #require(made.ticket?.ticketID))
        }
        (names["ticket"], names["otherTicket"]) = (ids[0], ids[1])
        for merged in ids[2...] {
            let merge = try await tickets.mergeTickets(
                MergeTicketsRequest(survivingTicketID: ids[0], mergedTicketID: merged), options
            ).merge
            (names["merge"], names["mergeTag"]) = (merge?.mergeID, merge?.etag)
        }
        for text in ["one", "two"] {
            _ = try await tickets.addComment(AddCommentRequest(ticketID: ids[0], comment: TicketsV1.Comment(text: text)), options)
        }
        names["attachment"] = try await upload(to: ids[0], options)
        let link = TicketLink(targetTicketID: ids[1], kind: .duplicate)
        names["link"] = try await tickets.createTicketLink(
            CreateTicketLinkRequest(ticketID: ids[0], link: link), options
        ).link?.linkID
        // A second line of its resolution clock.
        let opened = try await tickets.changeStatus(ChangeStatusRequest(ticketID: ids[0], status: .onHold), options)
        names["ticketTag"] = opened.ticket?.etag
        names["known"] = try await place.addConversation(to: ids[1], of: tenant)
    }

    /// A file that a comment shows.
    private func upload(to ticket: String, _ options: CallOptions) async throws -> String {
        let header = TicketAttachmentHeader(ticketID: ticket, mediaType: "text/plain", fileName: "a.txt")
        let files = TicketAttachmentsServiceClient(place.side("tickets").channel)
        let answer = try await files.uploadTicketAttachment(options) { pieces in
            try await pieces.write(UploadTicketAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadTicketAttachmentRequest(piece: .data(Array("hello".utf8))))
        }
        let id = try #require(answer.attachment?.attachmentID)
        let comment = TicketsV1.Comment(text: "see there", attachmentIDs: [id])
        _ = try await tickets.addComment(AddCommentRequest(ticketID: ticket, comment: comment), options)
        return id
    }

    private mutating func makeCatalogue(_ options: CallOptions) async throws {
        // Two rows at least, whatever the list is of; and no more for each scene.
        var categories = try await catalogue.listCategories(ListCategoriesRequest(), options).categories
        if categories.isEmpty {
            let request = CreateCategoryRequest(category: Category(displayName: UUID().text))
            categories = [try #require(try await catalogue.createCategory(request, options).category)]
        }
        var services = try await catalogue.listCatalogueServices(ListCatalogueServicesRequest(), options).services
        if services.isEmpty {
            let request = CreateCatalogueServiceRequest(service: CatalogueService(displayName: UUID().text))
            services = [try #require(try await catalogue.createCatalogueService(request, options).service)]
        }
        let priorities = try await catalogue.listTicketPriorities(ListTicketPrioritiesRequest(), options).priorities
        (names["category"], names["categoryTag"]) = (categories[0].categoryID, categories[0].etag)
        (names["service"], names["serviceTag"]) = (services[0].serviceID, services[0].etag)
        (names["priority"], names["priorityTag"]) = (priorities[0].priorityID, priorities[0].etag)
    }

    /// The one policy that matches promises so much time that nothing is due while these tests run.
    private mutating func makePolicy(_ options: CallOptions) async throws {
        var calendars = try await sla.listCalendars(ListCalendarsRequest(), options).calendars
        if calendars.isEmpty {
            let request = CreateCalendarRequest(
                calendar: TicketsV1.Calendar(displayName: UUID().text, timeZone: "America/Sao_Paulo"))
            calendars = [try #require(try await sla.createCalendar(request, options).calendar)]
        }
        var policies = try await sla.listSlaPolicies(ListSlaPoliciesRequest(), options).policies
        if policies.isEmpty {
            let target = SlaTarget(kind: .resolution, target: .init(seconds: 3_600_000), pauses: true)
            let request = CreateSlaPolicyRequest(policy: SlaPolicy(displayName: UUID().text, rank: 1, targets: [target]))
            policies = [try #require(try await sla.createSlaPolicy(request, options).policy)]
        }
        (names["calendar"], names["calendarTag"]) = (calendars[0].calendarID, calendars[0].etag)
        (names["policy"], names["policyTag"]) = (policies[0].policyID, policies[0].etag)
        names["settingsTag"] = try await sla.getTicketSettings(GetTicketSettingsRequest(), options).settings?.etag
    }

    /// Every thing of the scene has moved on.
    func bumpTicket() async throws {
        let options = try await options("admin", to: "tickets")
        let name = UUID().text
        _ = try await tickets.updateTicket(
            UpdateTicketRequest(ticket: Ticket(ticketID: names["ticket"] ?? "", subject: name)), options)
        _ = try await catalogue.updateCategory(
            UpdateCategoryRequest(category: Category(categoryID: names["category"] ?? "", displayName: name)), options)
        _ = try await catalogue.updateCatalogueService(
            UpdateCatalogueServiceRequest(service: CatalogueService(serviceID: names["service"] ?? "", displayName: name)),
            options)
        _ = try await catalogue.updateTicketPriority(
            UpdateTicketPriorityRequest(priority: TicketPriority(priorityID: names["priority"] ?? "", displayName: name)), options
        )
        _ = try await sla.updateCalendar(
            UpdateCalendarRequest(calendar: TicketsV1.Calendar(calendarID: names["calendar"] ?? "", displayName: name)), options)
        _ = try await sla.updateSlaPolicy(
            UpdateSlaPolicyRequest(policy: SlaPolicy(policyID: names["policy"] ?? "", displayName: name)), options)
        _ = try await sla.updateTicketSettings(
            UpdateTicketSettingsRequest(settings: TicketSettings(numberPrefix: "P\(Self.nextRank())")), options)
        _ = try await tickets.unmergeTickets(UnmergeTicketsRequest(mergeID: names["merge"] ?? ""), options)
    }
}
