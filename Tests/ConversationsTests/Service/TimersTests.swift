import ConversationsV1
import Foundation
import GoogleProtobuf
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("Timers: what happens to conversations by itself")
struct TimersTests {
    @Test("C1, S6, S7, S37: the window passes to the microsecond: expired, the slot free, the assignee kept")
    func S7_windowPasses() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let end = try #require(try await inbox.get(id, by: tenant.ana, of: tenant).replyWindowExpireTime).instant
            try await inbox.settle(at: end.advanced(by: .microseconds(-1)))
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .open)
            try await inbox.settle(at: end)
            let expired = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(expired.state == .expired && expired.stateReason == .window && expired.inactive)
            #expect(expired.assigneeID == tenant.ana.text)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            #expect(await reason { try await inbox.send("late", in: id, by: tenant.ana, of: tenant) } == "REPLY_WINDOW_CLOSED")
            // S6: notes and closing stay possible.
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "asked twice")
            #expect(await reason { try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant)) } == "OK")
            #expect(try await inbox.close(id, by: tenant.ana, of: tenant).outcome.isEmpty)
        }
    }

    @Test("C2, S38: the customer's message moves the end, whatever we send; a conversation without a window never expires")
    func C2_windowMoves() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let webchat = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let first = try #require(try await inbox.get(id, by: tenant.ana, of: tenant).replyWindowExpireTime).instant
            try await inbox.settle(at: first.advanced(by: .seconds(-3_600)))
            try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant)
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant)
            try await inbox.settle(at: first)
            let moved = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(moved.state == .open)
            let second = try #require(moved.replyWindowExpireTime).instant
            try await inbox.settle(at: second)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .expired)
            #expect(try await inbox.get(webchat, by: tenant.ana, of: tenant).state == .queued)
        }
    }

    @Test("C16: the customer writes after the end: queued, anew, its last assignee preferred")
    func C16_writesAfterTheEnd() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(86_400))
            try await inbox.settle()
            let back = try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!
            #expect(back.conversationID == id && back.state == .queued && back.lastAssigneeID == tenant.ana.text)
            #expect(back.arrivalTime == Timestamp(inbox.surroundings.clock.now))
            // And its new window passes, too.
            try inbox.advance(.seconds(86_400))
            try await inbox.settle()
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .expired)
        }
    }

    @Test("C50: two hours before the end its assignee is told, once, if the customer waits; an answer given tells nobody")
    func C50_windowClosing() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let answered = try await inbox.phoneOpen("+5511987654322", by: tenant.cleo, of: tenant)
            _ = try await inbox.send("hi", in: answered, by: tenant.cleo, of: tenant)
            try inbox.advance(.seconds(22 * 3_600 - 1))
            try await inbox.settle()
            #expect(try await inbox.notifications(of: tenant.ana, in: tenant).isEmpty)
            try inbox.advance(.seconds(1))
            try await inbox.settle()
            try inbox.advance(.seconds(3_600))
            try await inbox.settle()
            let told = try await inbox.notifications(of: tenant.ana, in: tenant)
            #expect(told.map(\.kind) == [.windowClosing] && told[0].conversationID == id && !told[0].read)
            #expect(try await inbox.notifications(of: tenant.cleo, in: tenant).isEmpty)
        }
    }

    @Test("C51: a reminder opens a parked one if its agent has room, otherwise it wants his look; the customer's message ends it")
    func C51_reminders() async throws {
        try await withInbox(loadMax: 1) { inbox, tenant in
            let remind = inbox.surroundings.clock.now.advanced(by: .seconds(600))
            func park(_ customer: String) async throws -> String {
                let id = try await inbox.customer(customer, of: tenant).conversation!.conversationID
                _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
                _ = try await inbox.service.setPending(
                    SetPendingRequest(conversationID: id, requestID: UUID().text, remindTime: .init(remind)),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.setPending))
                return id
            }
            let (one, two, three) = (try await park("v1"), try await park("v2"), try await park("v3"))
            // The third customer writes: it opens at once, and nothing reminds of it.
            try await inbox.customer("v3", of: tenant)
            #expect(try await inbox.get(three, by: tenant.ana, of: tenant).state == .open)
            _ = try await inbox.close(three, by: tenant.ana, of: tenant)
            try await inbox.settle(at: remind)
            var states: [ConversationsV1.ConversationState] = []
            for id in [one, two] {
                let now = try await inbox.get(id, by: tenant.ana, of: tenant)
                states.append(now.state)
                #expect(now.remindTime == nil && (now.state == .open || now.attention))
            }
            #expect(states.filter { $0 == .open }.count == 1 && states.filter { $0 == .pending }.count == 1)
            let told = try await inbox.notifications(of: tenant.ana, in: tenant).filter { $0.kind == .reminder }
            #expect(Set(told.map(\.conversationID)) == [one, two] && told.count == 2)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
        }
    }

    @Test("C46: a silent web-chat customer is told, then his conversation closes; his message cancels both")
    func C46_inactive() async throws {
        try await withInbox { inbox, tenant in
            let quiet = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let lively = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            _ = try await inbox.setRule(inactive: .seconds(1_800), notice: .seconds(300), by: tenant.operatorID, of: tenant)
            for id in [quiet, lively] { _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true) }
            try inbox.advance(.seconds(1_500))
            try await inbox.settle()
            let messages = try await inbox.service.listMessages(
                ListMessagesRequest(conversationID: quiet), inbox.by(tenant.ana, of: tenant)
            ).messages
            #expect(messages.map(\.text) == ["hello", "hi", "still there?"] && messages[2].author?.kind == .system)
            #expect(try await inbox.get(quiet, by: tenant.ana, of: tenant).waitingOn == .customer)
            try await inbox.customer("v2", of: tenant)
            try inbox.advance(.seconds(300))
            try await inbox.settle()
            let closed = try await inbox.get(quiet, by: tenant.ana, of: tenant)
            #expect(closed.state == .closed && closed.stateReason == .inactive && closed.outcome.isEmpty)
            #expect(try await inbox.get(lively, by: tenant.ana, of: tenant).state == .open)
        }
    }

    @Test("C46: expired for longer than its department lets it be: closed; the rule holds for what has been waiting, 0 is never")
    func C46_expiredTooLong() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(86_400))
            try await inbox.settle()
            try inbox.advance(.seconds(7_200))
            _ = try await inbox.setRule(.whatsapp, expired: .zero, by: tenant.operatorID, of: tenant)
            try inbox.advance(.seconds(31 * 86_400))
            try await inbox.settle()
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .expired)
            let rule = try await inbox.setRule(.whatsapp, expired: .seconds(40 * 86_400), by: tenant.operatorID, of: tenant)
            #expect(!rule.etag.isEmpty)
            try inbox.advance(.seconds(9 * 86_400))
            try await inbox.settle()
            let closed = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(closed.state == .closed && closed.stateReason == .expired)
        }
    }

    @Test("C46: rules are the department's, else everybody's, else the standard ones; what makes no sense is refused")
    func C46_rules() async throws {
        try await withInbox { inbox, tenant in
            func rule(_ department: UUID?) async throws -> ConversationsV1.ClosingRule {
                try await inbox.closing.getClosingRule(
                    GetClosingRuleRequest(departmentID: department?.text ?? "", channel: .webchat),
                    inbox.by(tenant.operatorID, of: tenant, ClosingRulesServiceDescriptor.getClosingRule)
                ).closingRule!
            }
            #expect(try await rule(tenant.sales).inactiveAfter?.seconds == 1_800)
            _ = try await inbox.setRule(inactive: .seconds(600), by: tenant.operatorID, of: tenant)
            #expect(try await rule(tenant.sales).inactiveAfter?.seconds == 600)
            let own = try await inbox.setRule(
                department: tenant.sales, inactive: .seconds(60), by: tenant.operatorID, of: tenant)
            #expect(try await rule(tenant.sales).inactiveAfter?.seconds == 60)
            #expect(try await rule(tenant.support).inactiveAfter?.seconds == 600)
            #expect(
                await reason { try await inbox.setRule(inactive: .seconds(59), by: tenant.operatorID, of: tenant) }
                    == "INVALID_FIELD")
            #expect(
                await reason {
                    try await inbox.setRule(
                        inactive: .seconds(600), notice: .seconds(600), by: tenant.operatorID, of: tenant)
                } == "INVALID_FIELD")
            #expect(
                await reason {
                    try await inbox.setRule(
                        department: tenant.sales, inactive: .seconds(90), etag: "\"9\"", by: tenant.operatorID, of: tenant)
                } == "ETAG_MISMATCH")
            #expect(own.etag == "\"1\"")
        }
    }

    @Test("a timer fires once, though two processes race for it; a customer's message beside it wins or loses whole")
    func twoProcesses() async throws {
        try await withInbox { inbox, tenant in
            var ids: [String] = []
            for n in 0..<40 { ids.append(try await inbox.phoneOpen("+55119876543\(10 + n)", by: tenant.operatorID, of: tenant)) }
            try inbox.advance(.seconds(86_400))
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<2 {
                    group.addTask {
                        let worker = TimerWorker(surroundings: inbox.surroundings)
                        while try await worker.fireDue() > 0 {}
                    }
                }
                for n in 0..<10 {
                    group.addTask { try await inbox.customer("+55119876543\(10 + n)", to: tenant.whatsapp, of: tenant) }
                }
                try await group.waitForAll()
            }
            try await inbox.settle()
            for (n, id) in ids.enumerated() {
                let now = try await inbox.get(id, by: tenant.operatorID, of: tenant)
                let history = try await inbox.service.listHistory(
                    ListHistoryRequest(conversationID: id), inbox.by(tenant.operatorID, of: tenant)
                ).entries.map(\.kind)
                let expiries = history.filter { $0 == "expired" }.count
                if n < 10 {
                    // Its message came first and moved the window, or came second and put it back into the queue.
                    #expect((now.state == .open && expiries == 0) || (now.state == .queued && expiries == 1), "\(history)")
                } else {
                    #expect(now.state == .expired && expiries == 1, "\(history)")
                }
            }
            let open = try await inbox.list(.open, by: tenant.operatorID, of: tenant).count
            #expect(try await inbox.load(of: tenant.operatorID, in: tenant) == Int32(open))
        }
    }
}
