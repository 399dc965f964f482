import ConversationsV1
import EventLog
import FoundationEssentials
import GoogleProtobuf
import Postgres
import ServiceRuntime
import Synchronization
import Testing
import TicketsV1
import WallTime

@testable import Tickets

@Suite("Tickets and conversations")
struct FollowerTests {
    @Test(
        "C24, S42: a started conversation gets exactly one ticket and one link, though the stream breaks after each event"
    )
    func C24_exactlyOne() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            for _ in 0..<12 {
                let conversation = script.conversation()
                script.add(.created, conversation, to: .queued)
                script.say(.customer, conversation)
                script.add(.accepted, conversation, from: .queued, to: .open, assignee: desk.agentID)
                script.say(.agent, conversation)
            }
            try await script.play(breakingAfterEach: true)
            let tickets = try await desk.tickets.listTickets(.init(orderBy: "sequence"), desk.caller())
                .tickets
            #expect(tickets.map(\.sequence) == (1...12).map { Int32($0) })
            #expect(
                tickets.allSatisfy {
                    $0.conversations.count == 1 && $0.status == .open && $0.assigneeID == desk.agentID.text
                })
            #expect(Set(tickets.flatMap { $0.conversations.map(\.conversationID) }).count == 12)
            #expect(try await desk.surroundings.jobs.count(kinds: [Work.linkJob]) == 12)
            // After a restore of conversations all is read again: nothing is made twice, nothing reopens.
            try await desk.change(tickets[0].ticketID, .resolved)
            try await script.play(cursorsKnown: false)
            #expect(try await desk.tickets.listTickets(.init(), desk.caller()).tickets.count == 12)
            #expect(try await desk.get(tickets[0].ticketID).status == .resolved)
        }
    }

    @Test(
        "C24, C33, C38: clocks start at the arrival; a human's answer meets the first response, a bot's and a note do not"
    )
    func C38_answers() async throws {
        try await withDesk { desk in
            try await desk.policy([.firstResponse: 1, .nextResponse: 1, .resolution: 8])
            let script = Script(desk)
            let conversation = script.conversation()
            let arrival = script.now
            script.add(.created, conversation, to: .queued)
            script.say(.customer, conversation)
            script.wait(600)
            script.add(.accepted, conversation, from: .queued, to: .open, assignee: desk.agentID)
            script.say(.bot, conversation)
            script.note(conversation)
            try await script.play()
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            var clocks = ticket.clocks
            #expect(
                clocks.map(\.kind) == [.firstResponse, .resolution]
                    && clocks.map(\.state) == [.running, .running])
            #expect(
                clocks.allSatisfy { $0.startTime.map(Instant.init) == arrival }
                    && ticket.waitingOn == .agent)
            #expect(clocks[0].dueTime.map(Instant.init) == arrival.advanced(by: .seconds(3_600)))

            script.wait(300)
            let answered = script.now
            script.say(.agent, conversation)
            try await script.play()
            clocks = try await desk.get(ticket.ticketID).clocks
            // Met; and only the customer who is waited for pauses the resolution.
            #expect(
                clocks.map(\.state) == [.met, .paused] && clocks[0].endTime.map(Instant.init) == answered)
            #expect(clocks[1].consumed == .init(seconds: 900))

            script.wait(3_600)
            let asked = script.now
            script.say(.customer, conversation)
            script.say(.customer, conversation)
            try await script.play()
            clocks = try await desk.get(ticket.ticketID).clocks
            #expect(clocks.map(\.kind) == [.firstResponse, .nextResponse, .resolution])
            #expect(clocks[1].startTime.map(Instant.init) == asked && clocks[2].state == .running)
            script.wait(60)
            script.say(.agent, conversation)
            script.wait(60)
            script.say(.customer, conversation)
            try await script.play()
            clocks = try await desk.get(ticket.ticketID).clocks
            // Waited for anew.
            #expect(clocks[1].state == .running && clocks[1].consumed == .init(seconds: 0))
        }
    }

    @Test("C38: a conversation we began has no first-response clock until the customer writes")
    func C38_businessStart() async throws {
        try await withDesk { desk in
            try await desk.policy([.firstResponse: 1, .resolution: 8])
            let script = Script(desk)
            let conversation = script.conversation()
            script.add(.created, conversation, to: .pending, assignee: desk.agentID)
            script.say(.agent, conversation)
            try await script.play()
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            #expect(ticket.clocks.map(\.kind) == [.resolution])
            script.wait(600)
            let wrote = script.now
            script.say(.customer, conversation)
            try await script.play()
            let clock = try await desk.get(ticket.ticketID).clocks[0]
            #expect(clock.kind == .firstResponse && clock.startTime.map(Instant.init) == wrote)
        }
    }

    @Test(
        "C24: the responsible agent follows the assignee until somebody is named by hand, and again when asked"
    )
    func C24_assigneeFollows() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            let (conversation, bea, cleo) = (script.conversation(), UUID.v7(at: .now), UUID.v7(at: .now))
            script.add(.accepted, conversation, from: .queued, to: .open, assignee: desk.agentID)
            script.add(.transferred, conversation, from: .open, to: .open, assignee: bea)
            try await script.play()
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            #expect(ticket.assigneeID == bea.text && ticket.assigneeFollows)
            _ = try await desk.update(.init(ticketID: ticket.ticketID, assigneeID: cleo.text))
            script.add(.transferred, conversation, from: .open, to: .open, assignee: desk.agentID)
            try await script.play()
            #expect(try await desk.get(ticket.ticketID).assigneeID == cleo.text)
            let again = try await desk.update(.init(ticketID: ticket.ticketID, assigneeFollows: true))
            #expect(again.assigneeID == desk.agentID.text && again.assigneeFollows)
        }
    }

    @Test(
        "C24: the last close resolves with its word; another conversation that is not closed keeps the ticket as it is"
    )
    func C24_closing() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            let (one, two) = (script.conversation(), script.conversation())
            script.add(.accepted, one, from: .queued, to: .open, assignee: desk.agentID)
            script.add(.accepted, two, from: .queued, to: .open, assignee: desk.agentID)
            try await script.play()
            let tickets = try await desk.tickets.listTickets(.init(orderBy: "sequence"), desk.caller())
                .tickets
            let ticket = tickets[0].ticketID
            _ = try await desk.tickets.linkConversation(
                .init(ticketID: ticket, conversationID: two.conversationID), desk.caller())
            script.add(.closed, one, from: .open, to: .closed, reason: .agent)
            try await script.play()
            #expect(try await desk.get(ticket).status == .open)
            script.add(.closed, two, from: .open, to: .closed, reason: .inactive)
            try await script.play()
            let resolved = try await desk.get(ticket)
            #expect(resolved.status == .resolved && resolved.statusReason == "inactive")
            #expect(resolved.conversations.map(\.closed) == [true, true])
        }
    }

    @Test(
        "C24, C17, C39: a continuation keeps the ticket and reopens it in time; an ended one is followed up and linked"
    )
    func C24_continuation() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            let first = script.conversation()
            script.add(.accepted, first, from: .queued, to: .open, assignee: desk.agentID)
            script.add(.closed, first, from: .open, to: .closed, reason: .agent)
            try await script.play()
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            let second = script.conversation(continuing: first)
            script.add(.created, second, to: .queued)
            script.say(.customer, second)
            try await script.play()
            // Not before the service starts.
            #expect(try await desk.get(ticket.ticketID).status == .resolved)
            script.add(.accepted, second, from: .queued, to: .open, assignee: desk.agentID)
            try await script.play()
            let reopened = try await desk.get(ticket.ticketID)
            #expect(reopened.status == .open && reopened.conversations.count == 2)
            script.add(.closed, second, from: .open, to: .closed, reason: .bot)
            try await script.play()
            try await desk.change(ticket.ticketID, .closed)
            let third = script.conversation(continuing: second)
            script.add(.accepted, third, from: .queued, to: .open, assignee: desk.agentID)
            try await script.play()
            let followUp = try #require(
                try await desk.tickets.listTickets(
                    .init(conversationID: third.conversationID), desk.caller()
                ).tickets.first)
            #expect(
                followUp.followUpOfTicketID == ticket.ticketID && followUp.status == .open
                    && followUp.sequence == 2)
            let links = try await desk.tickets.listTicketLinks(
                .init(ticketID: ticket.ticketID), desk.caller()
            ).links
            #expect(links.map(\.kind) == [.followUp] && links[0].ticketID == followUp.ticketID)
            #expect(try await desk.get(ticket.ticketID).status == .closed)
        }
    }

    @Test(
        "C24: killed before the commit nothing is left, killed after it one ticket and one link, and the link's repetition is the same request"
    )
    func C24_killedBetweenSteps() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            script.add(.accepted, script.conversation(), from: .queued, to: .open, assignee: desk.agentID)
            let news = try #require(ConversationNews(script.last))
            struct Killed: Error {}
            func hear(killed: Bool) async throws {
                try await desk.surroundings.tenants.transaction(as: desk.tenantID) { transaction in
                    try await desk.surroundings.ownWork(desk.tenantID, transaction).hear(news)
                    if killed { throw Killed() }
                }
            }
            for _ in 0..<3 { await #expect(throws: Killed.self) { try await hear(killed: true) } }
            #expect(try await desk.tickets.listTickets(.init(), desk.caller()).tickets.isEmpty)
            #expect(try await desk.surroundings.jobs.count(kinds: [Work.linkJob]) == 0)
            // Delivered again after the commit, too.
            for _ in 0..<3 { try await hear(killed: false) }
            let tickets = try await desk.tickets.listTickets(.init(), desk.caller()).tickets
            #expect(tickets.map(\.sequence) == [1])
            let told = Mutex<[LinkTicketRequest]>([])
            let worker = JobWorker(
                kinds: [Work.linkJob], schema: "tickets", pool: desk.surroundings.pool, concurrency: 1, logger: .quiet
            ) { job in
                var request = try LinkTicketRequest(serialized: job.payload)
                request.requestID = job.jobID.text
                let times = told.withLock { told in
                    told.append(request)
                    return told.count
                }
                // The call was made, and its answer lost.
                return times < 3 ? .retry(after: .milliseconds(1)) : .done()
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await worker.run() }
                while try await desk.surroundings.jobs.count(kinds: [Work.linkJob]) > 0 {
                    try await Task.sleep(for: .milliseconds(5))
                }
                group.cancelAll()
            }
            let requests = told.withLock(\.self)
            #expect(requests.count == 3 && Set(requests).count == 1)
            #expect(requests[0].ticketID == tickets[0].ticketID && requests[0].conversationID == news.id.text)
        }
    }

    @Test("C24: who closes may leave the ticket as it is; the next one's end resolves it; a word after the end is nobody's turn")
    func C24_keepTicket() async throws {
        try await withDesk { desk in
            let script = Script(desk)
            let first = script.conversation()
            script.add(.accepted, first, from: .queued, to: .open, assignee: desk.agentID)
            script.say(.customer, first)
            script.wait(60)
            script.add(.closed, first, from: .open, to: .closed, reason: .agent, keepsTicket: true)
            // An answer to the survey.
            script.say(.customer, first, in: .closed)
            try await script.play()
            var ticket = try #require(try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            #expect(ticket.status == .open)
            let known = try #require(try await desk.stored(first.conversationID))
            #expect(known.isClosed && known.waitingOn == .nobody)
            let second = script.conversation(continuing: first)
            script.add(.accepted, second, from: .queued, to: .open, assignee: desk.agentID)
            script.add(.closed, second, from: .open, to: .closed, reason: .agent)
            try await script.play()
            ticket = try await desk.get(ticket.ticketID)
            #expect(ticket.status == .resolved && ticket.conversations.count == 2)
        }
    }

    @Test("C50: a warning of a ticket's clock tells its living conversations, once each; a breach and closed ones tell nobody")
    func C50_warning() async throws {
        try await withDesk { desk in
            try await desk.policy([.resolution: 8], warn: 60)
            let script = Script(desk)
            let (living, closed) = (script.conversation(), script.conversation())
            for conversation in [living, closed] {
                script.add(.accepted, conversation, from: .queued, to: .open, assignee: desk.agentID)
            }
            script.add(.closed, closed, from: .open, to: .closed, reason: .agent, keepsTicket: true)
            try await script.play()
            script.wait(7 * 3_600)
            for _ in 0..<2 { while try await desk.alarms.fireDue() {} }
            script.wait(3_600)
            while try await desk.alarms.fireDue() {}
            let rows = try await desk.surroundings.pool.query(
                "select payload from tickets.job where kind = \(Work.warnJob) order by sequence")
            let told = try rows.map { try WarnOfSlaRequest(serialized: $0.decode([UInt8].self)).conversationID }
            #expect(told == [living.conversationID])
        }
    }

    @Test("C24: what must be filled before closing goes with the link and with each change")
    func C24_missingOnClose() async throws {
        try await withDesk { desk in
            _ = try await desk.sla.updateTicketSettings(
                .init(settings: .init(requiredOnClose: ["labels", "category_id"])), desk.caller())
            let script = Script(desk)
            script.add(.accepted, script.conversation(), from: .queued, to: .open, assignee: desk.agentID)
            try await script.play()
            let ticket = try #require(
                try await desk.tickets.listTickets(.init(), desk.caller()).tickets.first)
            #expect(ticket.missingOnClose == ["category_id", "labels"])
            _ = try await desk.update(.init(ticketID: ticket.ticketID, labels: ["vip"]))
            let rows = try await desk.surroundings.pool.query(
                "select payload from tickets.job where kind = \(Work.linkJob) order by sequence")
            let told = try rows.map {
                try LinkTicketRequest(serialized: $0.decode([UInt8].self)).missingOnClose
            }
            #expect(told == [["category_id", "labels"], ["category_id"]])
        }
    }
}

extension Desk {
    /// A conversation as its row holds it.
    fileprivate func stored(_ id: String) async throws -> Tickets.TicketConversation? {
        try await surroundings.tenants.transaction(as: tenantID) { transaction in
            guard let id = UUID(id: id) else { return nil }
            return try await TicketStore(transaction: transaction, tenantID: tenantID).conversation(id)
        }
    }
}
