import ConversationsV1
import Foundation
import GoogleProtobuf
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("C33, C38: how long who waited in a conversation")
struct ChatClocksTests {
    @Test(
        "C33: queue wait, first response, answers and the turns of both sides, to the microsecond, and the resolution at its end")
    func C33_clocks() async throws {
        try await withInbox { inbox, tenant in
            func clocks(_ id: String) async throws -> ConversationsV1.ChatClocks {
                try #require(try await inbox.get(id, by: tenant.operatorID, of: tenant).clocks)
            }
            let begin = inbox.surroundings.clock.now
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try inbox.advance(.seconds(10))
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
            // Offered and given back, it has waited all the time.
            try inbox.advance(.seconds(20) + .microseconds(7))
            _ = try await inbox.takeBack(id, .offerTimeout, of: tenant)
            try inbox.advance(.seconds(5))
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            var now = try await clocks(id)
            #expect(now.queueWait.micros == 35_000_007 && now.firstResponse == nil && now.answers == 0)
            #expect(now.firstCustomerTime?.instant == begin && now.resolution == nil)
            // Notes and the system's words are no answers.
            try await inbox.setReply(.transferred, ["": "one moment"], of: tenant)
            _ = try await inbox.transfer(id, to: .agentID(tenant.cleo.text), by: tenant.ana, of: tenant)
            _ = try await inbox.service.addNote(
                AddNoteRequest(conversationID: id, requestID: UUID().text, text: "vip"),
                inbox.by(tenant.cleo, of: tenant, ConversationsServiceDescriptor.addNote))
            #expect(try await clocks(id).firstResponse == nil)
            try inbox.advance(.seconds(25))
            _ = try await inbox.send("hi", in: id, by: tenant.cleo, of: tenant)
            now = try await clocks(id)
            #expect(now.firstResponse.micros == 60_000_007 && now.answers == 1 && now.answerWait.micros == 60_000_007)
            // A second word of ours is no second answer.
            try inbox.advance(.seconds(15))
            _ = try await inbox.send("are you there?", in: id, by: tenant.cleo, of: tenant)
            #expect(try await clocks(id).answers == 1)
            try inbox.advance(.seconds(25))
            try await inbox.customer("v1", says: "yes", of: tenant)
            now = try await clocks(id)
            #expect(now.customerWait.micros == 40_000_000)
            // The turn is counted from his first word in it.
            try inbox.advance(.seconds(70))
            try await inbox.customer("v1", says: "hello?", of: tenant)
            try inbox.advance(.seconds(30))
            _ = try await inbox.send("sorry", in: id, by: tenant.cleo, of: tenant)
            now = try await clocks(id)
            #expect(now.answers == 2 && now.answerWait.micros == 160_000_007 && now.answerWaitMax.micros == 100_000_000)
            #expect(now.firstResponse.micros == 60_000_007 && now.queueWait.micros == 35_000_007)
            try inbox.advance(.seconds(90))
            _ = try await inbox.close(id, by: tenant.cleo, of: tenant)
            now = try await clocks(id)
            #expect(now.customerWait.micros == 130_000_000)
            #expect(now.resolution.micros == 290_000_007)
            #expect(begin.duration(to: inbox.surroundings.clock.now) == .seconds(290) + .microseconds(7))
        }
    }

    @Test("C38: nobody has a first response to give before the customer writes, and one that nobody answered has none")
    func C38_noClock() async throws {
        var clocks = Conversations.ChatClocks()
        let start = try #require(Instant("2026-11-29T12:00:00Z"))
        // A template of ours, answered after an hour, and answered in turn after a minute.
        clocks.answered(at: start, waitingSince: nil)
        #expect(clocks == Conversations.ChatClocks())
        clocks.customerWrote(at: start.advanced(by: .seconds(3_600)), waitedFor: start)
        #expect(clocks.customerWait == .seconds(3_600) && clocks.firstResponse == nil)
        clocks.answered(at: start.advanced(by: .seconds(3_660)), waitingSince: start.advanced(by: .seconds(3_600)))
        #expect(clocks.firstResponse == .seconds(60) && clocks.answers == 1)
    }
}

extension GoogleProtobuf.Duration? {
    /// Microseconds; -1: unset.
    fileprivate var micros: Int64 { self.map { $0.seconds * 1_000_000 + Int64($0.nanos) / 1_000 } ?? -1 }
}
