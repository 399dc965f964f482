import FoundationEssentials
import GoogleProtobuf
import ServiceRuntime
import Testing
import TicketsV1
import WallTime

@testable import Tickets

@Suite("How tickets hang together")
struct RelationTests {
    @Test(
        "S42: a merged ticket ends in the survivor with its conversations and comments; undone, both are as before"
    )
    func S42_mergeAndUnmerge() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8])
            let (one, two) = (
                try await desk.create(.init(subject: "one")), try await desk.create(.init(subject: "two"))
            )
            let conversation = try await desk.link(to: two.ticketID)
            _ = try await desk.tickets.addComment(
                .init(ticketID: two.ticketID, comment: .init(text: "hm")), desk.caller())
            let before = try await desk.get(two.ticketID)
            try desk.advance(.seconds(3_600))
            let merge = try await desk.merge(two.ticketID, into: one.ticketID)
            #expect(merge.conversationIDs == [conversation.text])
            let merged = try await desk.get(two.ticketID)
            #expect(merged.mergedIntoTicketID == one.ticketID && merged.conversations.isEmpty)
            #expect(merged.clocks.map(\.state) == [.ended])
            #expect(
                try await desk.get(one.ticketID).conversations.map(\.conversationID) == [conversation.text])
            let comments = try await desk.tickets.listComments(
                .init(ticketID: one.ticketID), desk.caller()
            ).comments
            #expect(comments.map(\.mergedFromTicketID) == [two.ticketID])
            #expect(await reason { try await desk.change(two.ticketID, .open) } == "TICKET_MERGED")
            #expect(try await desk.tickets.listTickets(.init(), desk.caller()).tickets.count == 1)
            #expect(
                await reason { _ = try await desk.merge(one.ticketID, into: two.ticketID) }
                    == "TICKET_MERGED")
            #expect(
                await reason { _ = try await desk.merge(one.ticketID, into: one.ticketID) } == "SAME_TICKET"
            )

            try desk.advance(.seconds(7_200))
            let undone = try await desk.tickets.unmergeTickets(
                .init(mergeID: merge.mergeID), desk.caller())
            #expect(undone.merge?.undoTime != nil)
            let after = try await desk.get(two.ticketID)
            #expect(after.status == before.status && after.mergedIntoTicketID.isEmpty)
            #expect(after.conversations.map(\.conversationID) == [conversation.text])
            // Merged time counts as a pause: one hour of eight was consumed.
            #expect(
                after.estimatedResolutionTime.map(Instant.init)
                    == desk.now.advanced(by: .seconds(7 * 3_600)))
            #expect(try await desk.get(one.ticketID).conversations.isEmpty)
            #expect(
                await reason {
                    _ = try await desk.tickets.unmergeTickets(.init(mergeID: merge.mergeID), desk.caller())
                }
                    == "MERGE_UNDONE")
            let merges = try await desk.tickets.listTicketMerges(
                .init(ticketID: one.ticketID), desk.caller()
            ).merges
            #expect(merges.map(\.mergeID) == [merge.mergeID])
        }
    }

    @Test("S42: of merges in a row the last is undone first")
    func S42_lastMergeFirst() async throws {
        try await withDesk { desk in
            var ids: [String] = []
            for _ in 0..<3 { ids.append(try await desk.create(.init(subject: "a")).ticketID) }
            let first = try await desk.merge(ids[0], into: ids[1])
            let second = try await desk.merge(ids[1], into: ids[2])
            #expect(
                await reason {
                    _ = try await desk.tickets.unmergeTickets(.init(mergeID: first.mergeID), desk.caller())
                }
                    == "MERGE_NOT_LAST")
            _ = try await desk.tickets.unmergeTickets(.init(mergeID: second.mergeID), desk.caller())
            _ = try await desk.tickets.unmergeTickets(.init(mergeID: first.mergeID), desk.caller())
            for id in ids { #expect(try await desk.get(id).mergedIntoTicketID.isEmpty) }
        }
    }

    @Test(
        "S42: a split makes a linked ticket with the conversations named; one that is not its own is refused"
    )
    func S42_split() async throws {
        try await withDesk { desk in
            let ticket = try await desk.create(.init(subject: "two things"))
            let (stays, goes) = (
                try await desk.link(to: ticket.ticketID), try await desk.link(to: ticket.ticketID)
            )
            let split = try #require(
                try await desk.tickets.splitTicket(
                    .init(
                        ticketID: ticket.ticketID, subject: "the other thing", conversationIDs: [goes.text]),
                    desk.caller()
                ).ticket)
            #expect(
                split.subject == "the other thing" && split.splitFromTicketID == ticket.ticketID
                    && split.sequence == 2)
            #expect(split.conversations.map(\.conversationID) == [goes.text])
            #expect(
                try await desk.get(ticket.ticketID).conversations.map(\.conversationID) == [stays.text])
            let links = try await desk.tickets.listTicketLinks(
                .init(ticketID: ticket.ticketID), desk.caller()
            ).links
            #expect(links.map(\.kind) == [.split] && links[0].targetTicketID == ticket.ticketID)
            #expect(
                await reason {
                    _ = try await desk.tickets.deleteTicketLink(
                        .init(ticketID: ticket.ticketID, linkID: links[0].linkID), desk.caller())
                } == "LINK_FIXED")
            #expect(
                await reason {
                    _ = try await desk.tickets.splitTicket(
                        .init(ticketID: ticket.ticketID, subject: "x", conversationIDs: [goes.text]),
                        desk.caller())
                } == "CONVERSATION_NOT_FOUND")
        }
    }

    @Test("S42: links go both ways to be seen, are made once, and taken away")
    func S42_links() async throws {
        try await withDesk { desk in
            let (one, two) = (
                try await desk.create(.init(subject: "one")), try await desk.create(.init(subject: "two"))
            )
            func make() async throws -> TicketsV1.TicketLink {
                try #require(
                    try await desk.tickets.createTicketLink(
                        .init(
                            ticketID: one.ticketID, link: .init(targetTicketID: two.ticketID, kind: .blocked)),
                        desk.caller()
                    ).link)
            }
            let link = try await make()
            #expect(try await make() == link)
            for id in [one.ticketID, two.ticketID] {
                #expect(
                    try await desk.tickets.listTicketLinks(.init(ticketID: id), desk.caller()).links == [link]
                )
            }
            _ = try await desk.tickets.deleteTicketLink(
                .init(ticketID: two.ticketID, linkID: link.linkID), desk.caller())
            #expect(
                try await desk.tickets.listTicketLinks(.init(ticketID: one.ticketID), desk.caller()).links
                    .isEmpty)
            #expect(
                await reason {
                    _ = try await desk.tickets.createTicketLink(
                        .init(
                            ticketID: one.ticketID, link: .init(targetTicketID: two.ticketID, kind: .followUp)),
                        desk.caller())
                } == "INVALID_FIELD")
        }
    }

    @Test(
        "C24: a conversation is relinked to another ticket, audited on both; one the caller may not see is unknown"
    )
    func C24_relinking() async throws {
        try await withDesk { desk in
            let (one, two) = (
                try await desk.create(.init(subject: "one")), try await desk.create(.init(subject: "two"))
            )
            let conversation = try await desk.link(to: one.ticketID)
            let linked = try await desk.tickets.linkConversation(
                .init(ticketID: two.ticketID, conversationID: conversation.text, reason: "wrong one"),
                desk.caller())
            #expect(linked.ticket?.conversations.map(\.conversationID) == [conversation.text])
            #expect(try await desk.get(one.ticketID).conversations.isEmpty)
            let audit = try await desk.history(one.ticketID).last
            #expect(
                audit?.kind == "conversation_unlinked" && audit?.reason == "wrong one"
                    && audit?.actor?.kind == .agent)
            #expect(try await desk.history(two.ticketID).last?.kind == "conversation_linked")
            #expect(try await desk.surroundings.jobs.count(kinds: [Work.linkJob]) == 1)
            desk.neighbours.hide(conversation)
            for unknown in [conversation, .v7(at: .now)] {
                #expect(
                    await reason {
                        _ = try await desk.tickets.linkConversation(
                            .init(ticketID: one.ticketID, conversationID: unknown.text), desk.caller())
                    } == "CONVERSATION_NOT_FOUND")
            }
        }
    }
}

extension Desk {
    /// A conversation that runs through a ticket.
    func link(to ticket: String) async throws -> UUID {
        let id = UUID.v7(at: .now)
        let ticketID = try #require(UUID(uuidString: ticket))
        try await surroundings.tenants.transaction(as: tenantID) { transaction in
            try await TicketStore(transaction: transaction, tenantID: tenantID).put(
                TicketConversation(id: id, ticketID: ticketID, linked: now))
        }
        return id
    }
}
