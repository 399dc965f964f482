import FoundationEssentials
import GRPC
import ServiceRuntime
import TicketsV1

extension TicketsService {
    func createTicketLink(
        _ request: CreateTicketLinkRequest, _ context: ServerContext
    ) async throws -> CreateTicketLinkResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        violations.require(request.link != nil, "link", "is required", reason: "REQUIRED")
        let wire = request.link ?? TicketsV1.TicketLink()
        let targetID = violations.id(wire.targetTicketID, "link.target_ticket_id")
        let kind = TicketLink.Kind(wire.kind)
        if wire.kind == .unspecified {
            violations.add("link.kind", "is required", reason: "REQUIRED")
        } else if kind?.isFixed ?? true {
            violations.add("link.kind", "is no kind that can be made")
        }
        try violations.check()
        guard id != targetID else { throw TicketsError.sameTicket }

        return try await surroundings.write(request, \.requestID, context) { work in
            var (open, target) = try await work.openedPair(id, targetID, version: nil)
            let links = try await work.store.links(of: id)
            let wanted = kind ?? .related
            if let known = links.first(where: {
                $0.ticketID == id && $0.targetID == targetID && $0.kind == wanted
            }) {
                return CreateTicketLinkResponse(link: known.wire)
            }
            guard links.count < TicketLink.perTicketMax else { throw TicketsError.linksMax }
            let link = try await work.link(&open, to: &target, wanted)
            return CreateTicketLinkResponse(link: link.wire)
        }
    }

    func listTicketLinks(
        _ request: ListTicketLinksRequest, _ context: ServerContext
    ) async throws -> ListTicketLinksResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        try violations.check()
        return try await surroundings.read(context) { work in
            _ = try await work.readable(id)
            return ListTicketLinksResponse(links: try await work.visibleLinks(of: id).map(\.wire))
        }
    }

    func deleteTicketLink(
        _ request: DeleteTicketLinkRequest, _ context: ServerContext
    ) async throws -> DeleteTicketLinkResponse {
        var violations = Violations()
        let id = violations.id(request.ticketID, "ticket_id")
        let linkID = violations.id(request.linkID, "link_id")
        try violations.check()
        return try await surroundings.write(request, \.requestID, context) { work in
            _ = try await work.readable(id)
            guard let link = try await work.visibleLinks(of: id).first(where: { $0.id == linkID }) else {
                throw TicketsError.notFound(.link, linkID)
            }
            guard !link.kind.isFixed else { throw TicketsError.linkFixed }
            var opened = try await work.opened([link.ticketID, link.targetID])
            try await work.store.deleteLink(linkID)
            for index in opened.indices {
                let other = opened[index].ticket.id == link.ticketID ? link.targetID : link.ticketID
                try await work.save(
                    &opened[index], Step(kind: .linked, reason: "unlinked", otherTicketID: other))
            }
            return DeleteTicketLinkResponse()
        }
    }
}

extension Work {
    /// A link that names a ticket which the caller may not know of is not shown to him.
    fileprivate func visibleLinks(of ticket: UUID) async throws -> [TicketLink] {
        let links = try await store.links(of: ticket)
        if caller.seesInternal { return links }
        let visible = Set(
            try await store.tickets(links.flatMap { [$0.ticketID, $0.targetID] }).filter(mayRead).map(
                \.id))
        return links.filter { visible.contains($0.ticketID) && visible.contains($0.targetID) }
    }

    /// Links two tickets, and tells both.
    func link(_ open: inout OpenTicket, to target: inout OpenTicket, _ kind: TicketLink.Kind)
        async throws -> TicketLink
    {
        let link = TicketLink(
            id: .v7(at: now), ticketID: open.ticket.id, targetID: target.ticket.id, kind: kind,
            actor: caller.actor,
            created: now)
        try await store.insert(link)
        let news: TicketNews.Kind = kind == .split ? .split : .linked
        try await save(&open, Step(kind: news, reason: kind.rawValue, otherTicketID: target.ticket.id))
        try await save(&target, Step(kind: news, reason: kind.rawValue, otherTicketID: open.ticket.id))
        return link
    }
}
