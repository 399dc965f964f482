import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("Offers: what the router places, takes back and gives back")
struct OfferTests {
    @Test("S12, S4, C14: an offer takes a slot and waits for its agent alone; accepted it is his, declined it keeps its place")
    func C14_offer() async throws {
        try await withInbox { inbox, tenant in
            let queued = try await inbox.customer("v1", of: tenant).conversation!
            let id = queued.conversationID
            let offered = try await inbox.assign(id, to: tenant.ana, of: tenant, etag: queued.etag)
            #expect(offered.state == .offered && offered.assigneeName == "Ana" && offered.startTime == nil)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
            // C4: Ana has it among the ongoing ones, everybody else in the queue.
            #expect(try await inbox.list(.open, by: tenant.ana, of: tenant).map(\.conversationID) == [id])
            #expect(try await inbox.list(.queue, by: tenant.cleo, of: tenant).map(\.conversationID) == [id])
            #expect(await reason { try await inbox.accept(id, by: tenant.cleo, of: tenant) } == "OFFERED_TO_ANOTHER")
            #expect(await reason { try await inbox.decline(id, by: tenant.cleo, of: tenant) } == "OFFERED_TO_ANOTHER")
            try inbox.advance(.seconds(10))
            let declined = try await inbox.decline(id, by: tenant.ana, of: tenant)
            #expect(declined.state == .queued && declined.assigneeID.isEmpty && declined.arrivalTime == queued.arrivalTime)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            _ = try await inbox.assign(id, to: tenant.cleo, of: tenant)
            let accepted = try await inbox.accept(id, by: tenant.cleo, of: tenant)
            #expect(accepted.state == .open && accepted.startTime != nil)
            #expect(try await inbox.load(of: tenant.cleo, in: tenant) == 1)
            #expect(await reason { try await inbox.decline(id, by: tenant.cleo, of: tenant) } == "TRANSITION_NOT_ALLOWED")
        }
    }

    @Test("C14: an offer that lapsed goes back to its place; one that was accepted meanwhile cannot lapse any more")
    func C14_lapse() async throws {
        try await withInbox { inbox, tenant in
            let queued = try await inbox.customer("v1", of: tenant).conversation!
            let id = queued.conversationID
            for cause: ReturnCause in [.offerTimeout, .away, .offline] {
                _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
                try inbox.advance(.seconds(60))
                let back = try await inbox.takeBack(id, cause, of: tenant)
                #expect(back.state == .queued && back.arrivalTime == queued.arrivalTime, "\(cause)")
                #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            }
            let offered = try await inbox.assign(id, to: tenant.ana, of: tenant)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(
                await reason { try await inbox.takeBack(id, .offerTimeout, of: tenant, etag: offered.etag) }
                    == "TRANSITION_NOT_ALLOWED")
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .open)
        }
    }

    @Test("guarantee 2, S21: the router is refused a stale version, a full agent, a stranger, and what somebody has taken")
    func S21_refusals() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let one = try await inbox.customer("v1", of: tenant).conversation!
            let two = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.customer("v1", of: tenant)
            func assign(_ id: String, _ agent: UUID, etag: String = "") async -> String {
                await reason { try await inbox.assign(id, to: agent, of: tenant, etag: etag) }
            }
            #expect(await assign(one.conversationID, tenant.ana, etag: one.etag) == "ETAG_MISMATCH")
            #expect(await assign(one.conversationID, UUID()) == "AGENT_NOT_FOUND")
            #expect(await assign(one.conversationID, tenant.ana) == "OK")
            #expect(await assign(two, tenant.ana) == "AGENT_AT_CAPACITY")
            #expect(await assign(one.conversationID, tenant.cleo) == "ALREADY_TAKEN")
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
        }
    }

    @Test("C13, C16: the preferred last assignee gets it opened, with attention")
    func C16_preferred() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let open = try await inbox.assign(id, to: tenant.ana, of: tenant, open: true)
            #expect(open.state == .open && open.attention && open.badge == 1 && open.startTime != nil)
            #expect(await reason { try await inbox.assign(id, to: tenant.cleo, of: tenant, open: true) } == "ALREADY_TAKEN")
        }
    }

    @Test("C12, S25: an agent who is gone: what he has open is pending, or queued where his department says so; he gets it back")
    func C12_disconnect() async throws {
        try await withInbox { inbox, tenant in
            let queued = try await inbox.customer("v1", of: tenant).conversation!
            let id = queued.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let gone = try await inbox.takeBack(id, .offline, of: tenant)
            #expect(gone.state == .pending && gone.stateReason == .disconnected && gone.assigneeName == "Ana")
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            let back = try await inbox.restore(id, .back, of: tenant)
            #expect(back.state == .open && back.arrivalTime == queued.arrivalTime)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
            #expect(await reason { try await inbox.restore(id, .back, of: tenant) } == "TRANSITION_NOT_ALLOWED")
            // Support's rule is requeue_front.
            _ = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.ana, of: tenant)
            _ = try await inbox.accept(id, by: tenant.bob, of: tenant)
            let requeued = try await inbox.takeBack(id, .offline, of: tenant)
            #expect(requeued.state == .queued && requeued.arrivalTime == queued.arrivalTime)
            #expect(requeued.lastAssigneeID == tenant.bob.text)
        }
    }

    @Test("C13: nobody went on in time: queued, the last assignee preferred; what is open is not rescued")
    func C13_rescue() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.takeBack(id, .rescue, of: tenant) } == "TRANSITION_NOT_ALLOWED")
            _ = try await inbox.setPending(id, by: tenant.ana, of: tenant)
            let rescued = try await inbox.takeBack(id, .rescue, of: tenant)
            #expect(rescued.state == .queued && rescued.lastAssigneeID == tenant.ana.text)
        }
    }

    @Test("C15, S7: a queued web chat expires for want of an agent and may be revived; a phone's never does")
    func C15_nobodyAvailable() async throws {
        try await withInbox { inbox, tenant in
            let visitor = try await inbox.widget.createWidgetSession(
                CreateWidgetSessionRequest(widgetKey: tenant.widgetKey),
                ServerContext(method: WidgetServiceDescriptor.createWidgetSession))
            let id = try await inbox.customer(visitor.visitorID, of: tenant).conversation!.conversationID
            let expired = try await inbox.expireUnattended(id, of: tenant)
            #expect(expired.state == .expired && expired.stateReason == .noAgent && expired.inactive)
            try inbox.advance(.seconds(60))
            let revived = try await inbox.takeBack(id, .revive, of: tenant)
            #expect(revived.state == .queued && revived.arrivalTime != expired.arrivalTime)
            // Not for one whose visitor has gone.
            _ = try await inbox.expireUnattended(id, of: tenant)
            try inbox.advance(.seconds(900))
            #expect(await reason { try await inbox.takeBack(id, .revive, of: tenant) } == "VISITOR_NOT_LIVE")
            let phone = try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!
            #expect(
                await reason { try await inbox.expireUnattended(phone.conversationID, of: tenant) }
                    == "TRANSITION_NOT_ALLOWED")
        }
    }

    @Test("C20: what has not started is offered to the agent it is transferred to; what has started changes hands at once")
    func C20_offersWhatHasNotStarted() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let other = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            let toCleo = TransferRequest.Target.agentID(tenant.cleo.text)
            let offered = try await inbox.transfer(id, to: toCleo, by: tenant.ana, of: tenant)
            #expect(offered.state == .offered && offered.assigneeName == "Cleo" && offered.attention)
            #expect(offered.transferReason == "yours" && offered.startTime == nil)
            #expect(
                await reason { try await inbox.transfer(other, to: toCleo, by: tenant.ana, of: tenant) } == "AGENT_AT_CAPACITY")
            #expect(await reason { try await inbox.transfer(id, to: toCleo, by: tenant.cleo, of: tenant) } == "TRANSFER_TO_SELF")
            // A supervisor assigns in the same way.
            let moved = try await inbox.service.assign(
                AssignRequest(conversationID: id, requestID: UUID().text, agentID: tenant.bob.text),
                inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.assign)
            ).conversation!
            #expect(moved.state == .offered && moved.assigneeName == "Bob")
            #expect(try await inbox.load(of: tenant.cleo, in: tenant) == 0)
            #expect(try await inbox.accept(id, by: tenant.bob, of: tenant).state == .open)
        }
    }

    @Test("C44: a bot hands off to the department it names, else to the conversation's; a second hand-off is refused")
    func C44_handOff() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(await reason { try await inbox.handOff(id, of: tenant) } == "TRANSITION_NOT_ALLOWED")
            try await inbox.automate(id)
            #expect(await reason { try await inbox.handOff(id, to: UUID(), of: tenant) } == "DEPARTMENT_NOT_FOUND")
            let given = try await inbox.handOff(id, to: tenant.support, of: tenant)
            #expect(given.conversation?.state == .queued && given.conversation?.departmentName == "Support" && given.available)
            try await inbox.automate(id)
            #expect(try await inbox.handOff(id, of: tenant).conversation?.departmentName == "Support")
        }
    }

    @Test("C24, S42: the ticket is linked once; closing is refused while its fields are missing, and passes when they are filled")
    func C24_linkedTicket() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let ticket = UUID()
            let linked = try await inbox.link(id, to: ticket, missing: ["category"], of: tenant)
            #expect(linked.ticketID == ticket.text && linked.serviceType == "returns")
            #expect(try await inbox.link(id, to: ticket, missing: ["category"], of: tenant).etag == linked.etag)
            #expect(await reason { try await inbox.close(id, by: tenant.ana, of: tenant) } == "MISSING_ON_CLOSE")
            _ = try await inbox.link(id, to: ticket, of: tenant)
            #expect(await reason { try await inbox.close(id, by: tenant.ana, of: tenant) } == "OK")
            let history = try await inbox.service.listHistory(
                ListHistoryRequest(conversationID: id), inbox.by(tenant.ana, of: tenant)
            ).entries
            #expect(history.map(\.note).contains("ticket \(ticket.text)"))
        }
    }
}
