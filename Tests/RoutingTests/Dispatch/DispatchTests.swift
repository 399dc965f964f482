import ConversationsV1
import FoundationEssentials
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("Distribution, with conversations itself", .serialized)
struct DispatchTests {
    @Test("S3, S21, C7, C30: offers go by arrival to agents with room, and a freed slot brings the next", .timeLimit(.minutes(2)))
    func S3_fifo() async throws {
        try await Stack.with(loadMax: 1) { stack in
            var ids: [String] = []
            for _ in 0..<5 {
                ids.append(try await stack.customerWrites())
                try stack.advance(by: .seconds(1))
            }
            try await stack.settle()
            for id in ids { #expect(try await stack.conversation(id).state == .queued, "nobody is there") }
            try await stack.beat(0, 1, 2)
            try await stack.settle()
            for id in ids.prefix(3) { try await stack.eventually(id, "the first three are offered") { $0.state == .offered } }
            for id in ids.suffix(2) { #expect(try await stack.conversation(id).state == .queued) }
            // Whoever closes one gets the next in line.
            let first = try await stack.conversation(ids[0])
            let holder = try #require(Stack.agentIDs.firstIndex { $0.text == first.assigneeID })
            try await stack.accept(ids[0], by: holder)
            try await stack.close(ids[0], by: holder)
            let next = try await stack.eventually(ids[3], "the fourth is offered") { $0.state == .offered }
            #expect(next.assigneeID == first.assigneeID)
            #expect(try await stack.conversation(ids[4]).state == .queued)
        }
    }

    @Test(
        "guarantee 3: drained by events: with every poll set to an hour the offers still come, timers included",
        .timeLimit(.minutes(2)))
    func events() async throws {
        try await Stack.with(loadMax: 1, pollInterval: "1h") { stack in
            try await stack.beat(0)
            let ids = [try await stack.customerWrites(), try await stack.customerWrites()]
            for id in ids {
                try await stack.eventually(id, "it is offered") { $0.state == .offered }
                try await stack.accept(id, by: 0)
                // The freed slot brings the next.
                try await stack.close(id, by: 0)
            }
            // An offer's end, and the rest after it, are timers: nobody else is there, so it comes back to him.
            let third = try await stack.customerWrites()
            try await stack.eventually(third, "it is offered") { $0.state == .offered }
            for _ in 0..<12 {
                try stack.advance(by: .seconds(5))
                try await stack.beat(0)
            }
            try await stack.eventually(third, "the offer ends") { $0.state == .queued }
            for _ in 0..<6 {
                try stack.advance(by: .seconds(5))
                try await stack.beat(0)
            }
            try await stack.eventually(third, "it is offered again") { $0.state == .offered }
        }
    }

    @Test(
        "guarantee 3: who has changed since routing heard of him keeps his turn: nobody behind him is served first",
        .timeLimit(.minutes(2)))
    func G3_whoHasChangedKeepsHisTurn() async throws {
        try await Stack.with(loadMax: 1) { stack in
            let (first, second) = try await stack.twoWaitForOneSlot()
            try await stack.dispatchIsRepeated()
            #expect(try await stack.conversation(second).state == .queued)
            try await stack.customerWrites("first")
            try await stack.eventually(first, "it is offered") { $0.state == .offered }
            #expect(try await stack.conversation(second).state == .queued)
        }
    }

    @Test("guarantee 3: who is never heard of again holds nobody up for ever", .timeLimit(.minutes(2)))
    func G3_theQueueGoesOn() async throws {
        try await Stack.with(loadMax: 1) { stack in
            let (first, second) = try await stack.twoWaitForOneSlot()
            try await stack.eventually(second, "it is offered") { $0.state == .offered }
            #expect(try await stack.conversation(first).state == .queued)
        }
    }

    @Test("C14: an offer that is not accepted in 60 s goes back to its place and to another agent", .timeLimit(.minutes(2)))
    func C14_timeout() async throws {
        try await Stack.with { stack in
            try await stack.beat(0, 1)
            let id = try await stack.customerWrites()
            let first = try await stack.eventually(id, "it is offered") { $0.state == .offered }
            // A minute of heartbeats.
            for _ in 0..<11 {
                try stack.advance(by: .seconds(5))
                try await stack.beat(0, 1)
            }
            try stack.advance(by: .seconds(5) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(id).assigneeID == first.assigneeID)
            try await stack.beat(0, 1)
            try stack.advance(by: .microseconds(1))
            let second = try await stack.eventually(id, "it is offered to the other") {
                $0.state == .offered && $0.assigneeID != first.assigneeID
            }
            #expect(second.arrivalTime == first.arrivalTime)
        }
    }

    @Test("S25, C12: after 30 s offline what he has started waits for him, what was offered goes on", .timeLimit(.minutes(2)))
    func S25_offline() async throws {
        try await Stack.with { stack in
            try await stack.beat(0)
            let started = try await stack.customerWrites()
            try await stack.eventually(started, "it is offered") { $0.state == .offered }
            try await stack.accept(started, by: 0)
            let offered = try await stack.customerWrites()
            try await stack.eventually(offered, "it is offered") { $0.state == .offered }
            try stack.advance(by: .seconds(30))
            try await stack.settle()
            #expect(try await stack.conversation(started).state == .open, "30.000 s exactly change nothing")
            try stack.advance(by: .microseconds(1))
            try await stack.eventually(started, "it waits for him") { $0.state == .pending && $0.stateReason == .disconnected }
            try await stack.eventually(offered, "it is back in the queue") { $0.state == .queued }
            // He is back in time: his own comes back to him before any new offer.
            try await stack.beat(0)
            try await stack.eventually(started, "it is open again") { $0.state == .open }
            try await stack.eventually(offered, "and the other is offered to him") { $0.state == .offered }
        }
    }

    @Test(
        "S25: a message that was delivered, and a read mark that moved, keep nobody's started services with him",
        .timeLimit(.minutes(2)))
    func S25_offlineAfterADelivery() async throws {
        try await Stack.with { stack in
            let client = ConversationsServiceClient(stack.conversations)
            try await stack.beat(0)
            var ids: [String] = []
            for _ in 0..<2 {
                let id = try await stack.customerWrites()
                try await stack.eventually(id, "it is offered") { $0.state == .offered }
                try await stack.accept(id, by: 0)
                ids.append(id)
            }
            let sent = try await client.sendMessage(
                SendMessageRequest(conversationID: ids[0], requestID: UUID().text, text: "hi"), try await stack.asAgent(0))
            try await stack.settle()
            _ = try await client.reportDelivery(
                ReportDeliveryRequest(messageID: sent.message?.messageID ?? "", requestID: UUID().text, status: .delivered),
                try await stack.asService("channels", to: "conversations"))
            _ = try await client.markRead(
                MarkReadRequest(conversationID: ids[1], requestID: UUID().text), try await stack.asAgent(0))
            try stack.advance(by: .seconds(31))
            try await stack.settle()
            for id in ids { #expect(try await stack.conversation(id).stateReason == .disconnected) }
        }
    }
}
