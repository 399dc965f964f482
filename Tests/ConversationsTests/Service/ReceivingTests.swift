import ConversationsV1
import Foundation
import Testing
import WallTime

@testable import Conversations

@Suite("Receiving: exactly once, in order, one conversation per address")
struct ReceivingTests {
    @Test("C18: sixteen writers to one address open one conversation, and every message is in it in a total order")
    func C18_oneConversationPerAddress() async throws {
        try await withInbox { inbox, tenant in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<16 {
                    group.addTask {
                        for n in 0..<5 { try await inbox.customer("v1", says: "\(writer)-\(n)", of: tenant) }
                    }
                }
                try await group.waitForAll()
            }
            let all = try await inbox.list(.unspecified, by: tenant.ana, of: tenant)
            #expect(all.count == 1)
            let messages = try await inbox.service.listMessages(
                ListMessagesRequest(conversationID: all[0].conversationID, pageSize: 100), inbox.by(tenant.ana, of: tenant)
            ).messages
            #expect(messages.map(\.seq) == Array(1...80))
            #expect(all[0].unread == 80 && all[0].lastSeq == 80)
        }
    }

    @Test("guarantee 1: every message delivered one to five times, shuffled, by many writers, is stored once")
    func exactlyOnce() async throws {
        try await withInbox { inbox, tenant in
            var generator = SystemRandomNumberGenerator()
            let distinct = 120
            var deliveries: [(address: String, id: String)] = []
            for n in 0..<distinct {
                for _ in 0..<Int.random(in: 1...5, using: &generator) { deliveries.append(("v\(n % 7)", "m\(n)")) }
            }
            deliveries.shuffle(using: &generator)
            let shuffled = deliveries
            let duplicates = try await withThrowingTaskGroup(of: Int.self) { group in
                for writer in 0..<32 {
                    group.addTask {
                        var duplicates = 0
                        for delivery in stride(from: writer, to: shuffled.count, by: 32).map({ shuffled[$0] }) {
                            let answer = try await inbox.customer(delivery.address, id: delivery.id, of: tenant)
                            if answer.duplicate { duplicates += 1 }
                        }
                        return duplicates
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(duplicates == deliveries.count - distinct)
            let all = try await inbox.list(.queue, by: tenant.ana, of: tenant)
            #expect(all.count == 7)
            #expect(all.map { Int($0.lastSeq) }.reduce(0, +) == distinct)
        }
    }

    @Test("the same provider id on another account is another message")
    func providerIDsAreTheAccounts() async throws {
        try await withInbox { inbox, tenant in
            let one = try await inbox.customer("v1", id: "same", of: tenant)
            let again = try await inbox.customer("v1", says: "edited", id: "same", of: tenant)
            let other = try await inbox.customer("v1", id: "same", to: tenant.whatsapp, of: tenant)
            #expect(again.duplicate && again.message?.messageID == one.message?.messageID && again.message?.text == "hello")
            #expect(!other.duplicate && other.conversation?.conversationID != one.conversation?.conversationID)
        }
    }

    @Test("C17: closed is terminal; a late message begins a continuation that keeps department and labels")
    func C17_continuation() async throws {
        try await withInbox { inbox, tenant in
            let first = try await inbox.customer("v1", of: tenant).conversation!
            _ = try await inbox.accept(first.conversationID, by: tenant.ana, of: tenant)
            _ = try await inbox.service.updateConversation(
                UpdateConversationRequest(
                    conversation: .init(conversationID: first.conversationID, labels: ["vip"]), requestID: UUID().uuidString),
                inbox.by(tenant.ana, of: tenant))
            _ = try await inbox.transfer(
                first.conversationID, to: .departmentID(tenant.support.uuidString), by: tenant.ana, of: tenant)
            _ = try await inbox.accept(first.conversationID, by: tenant.bob, of: tenant)
            _ = try await inbox.close(first.conversationID, by: tenant.bob, of: tenant)
            try inbox.advance(.seconds(6 * 86_400))
            let second = try await inbox.customer("v1", of: tenant).conversation!
            #expect(second.conversationID != first.conversationID && second.continuedFrom == first.conversationID)
            #expect(second.state == .queued && second.departmentName == "Support" && second.labels == ["vip"])
            #expect(second.lastAssigneeID == tenant.bob.uuidString.lowercased())
            #expect(try await inbox.get(first.conversationID, by: tenant.bob, of: tenant).state == .closed)

            _ = try await inbox.close(second.conversationID, by: tenant.bob, of: tenant)
            try inbox.advance(.seconds(8 * 86_400))
            let third = try await inbox.customer("v1", of: tenant).conversation!
            #expect(third.continuedFrom == second.conversationID && third.departmentName == "Sales" && third.labels.isEmpty)
        }
    }

    @Test("C1, C2: the window runs from the provider's time, clamped to receipt, and never shrinks")
    func C1_windowFollowsTheProvider() async throws {
        try await withInbox { inbox, tenant in
            let now = inbox.surroundings.clock.now
            let sent = now.advanced(by: .seconds(-3_600))
            let one = try await inbox.customer("+1", to: tenant.whatsapp, of: tenant, at: sent).conversation!
            let row = try await inbox.get(one.conversationID, by: tenant.ana, of: tenant)
            #expect(row.replyWindowExpireTime == .init(sent.advanced(by: .seconds(86_400))))
            try await inbox.customer("+1", to: tenant.whatsapp, of: tenant, at: now.advanced(by: .seconds(-7_200)))
            #expect(
                try await inbox.get(one.conversationID, by: tenant.ana, of: tenant).replyWindowExpireTime
                    == row.replyWindowExpireTime)
            _ = try await inbox.accept(one.conversationID, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.send("yes", in: one.conversationID, by: tenant.ana, of: tenant) } == "OK")
            try inbox.advance(.seconds(82_800))
            #expect(
                await reason { try await inbox.send("late", in: one.conversationID, by: tenant.ana, of: tenant) }
                    == "REPLY_WINDOW_CLOSED")
        }
    }

    @Test("C48: whatever a customer sends is stored; a kind nobody knows as a placeholder")
    func C48_unknownKindsAreStored() async throws {
        try await withInbox { inbox, tenant in
            let answer = try await inbox.service.receiveMessage(
                ReceiveMessageRequest(
                    channelAccountID: tenant.whatsapp.uuidString, providerMessageID: "x", senderAddress: "+1",
                    kind: .unrecognized(99), text: ""), inbox.byChannels(tenant))
            #expect(answer.message?.kind == .unsupported && answer.conversation?.lastLine == "[unsupported]")
        }
    }

    @Test("C48: a long text is kept whole, one too long is refused whole, and pages end before an answer is too large")
    func C48_longTexts() async throws {
        try await withInbox { inbox, tenant in
            let long = String(repeating: "é", count: Inbound.textBytesMax / 2)
            #expect(await reason { try await inbox.customer("v1", says: long + "x", of: tenant) } == "INVALID_FIELD")
            #expect(try await inbox.list(.unspecified, by: tenant.ana, of: tenant).isEmpty)
            for _ in 0..<12 { try await inbox.customer("v1", says: long, of: tenant) }
            let id = try await inbox.list(.queue, by: tenant.ana, of: tenant)[0].conversationID
            for order in ["seq", "seq desc"] {
                var (token, pages, seqs) = ("", 0, [Int32]())
                repeat {
                    let page = try await inbox.service.listMessages(
                        ListMessagesRequest(conversationID: id, orderBy: order, pageSize: 100, pageToken: token),
                        inbox.by(tenant.ana, of: tenant))
                    #expect(page.serialized().count < 4_194_304 && page.messages.allSatisfy { $0.text == long })
                    (token, pages, seqs) = (page.nextPageToken, pages + 1, seqs + page.messages.map(\.seq))
                } while !token.isEmpty && pages < 20
                #expect(pages == 2 && seqs == (order == "seq" ? Array(1...12) : (1...12).reversed()))
            }
        }
    }

    @Test("bad input is refused whole, and stores nothing")
    func badInput() async throws {
        try await withInbox { inbox, tenant in
            #expect(
                await reason {
                    try await inbox.service.receiveMessage(
                        ReceiveMessageRequest(channelAccountID: "nonsense"), inbox.byChannels(tenant))
                } == "INVALID_FIELD")
            #expect(await reason { try await inbox.customer("v1", to: UUID(), of: tenant) } == "CHANNEL_ACCOUNT_NOT_FOUND")
            let stored = try await inbox.list(.unspecified, by: tenant.admin, of: tenant)
            #expect(stored.isEmpty)
        }
    }
}
