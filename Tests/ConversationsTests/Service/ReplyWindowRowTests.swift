import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("A conversation's row is the same wherever it stands")
struct ReplyWindowRowTests {
    @Test("C1: the end of the reply window stands in lists, Watch, search and every answer; on a channel without one nowhere")
    func C1_windowStandsWhereverTheRowDoes() async throws {
        try await withInbox { inbox, tenant in
            for (account, has) in [(tenant.whatsapp, true), (tenant.webchat, false)] {
                let received = try await inbox.customer("+551190000\(has)", says: "palavra", to: account, of: tenant)
                let row = try #require(received.conversation)
                let id = row.conversationID
                let end = try await inbox.get(id, by: tenant.ana, of: tenant).replyWindowExpireTime
                #expect((end != nil) == has && row.replyWindowExpireTime == end)
                let listed = try await inbox.list(.queue, by: tenant.ana, of: tenant).first { $0.conversationID == id }
                #expect(listed != nil && listed?.replyWindowExpireTime == end)
                let found = try await inbox.service.searchConversations(
                    SearchConversationsRequest(query: "palavra", channelAccountIDs: [account.text]),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.searchConversations))
                #expect(found.hits.map(\.conversation?.replyWindowExpireTime) == [end])
                let read = try await inbox.service.markRead(
                    MarkReadRequest(conversationID: id, requestID: UUID().text),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.markRead))
                #expect(read.conversation?.replyWindowExpireTime == end)
                let updated = try await inbox.service.updateConversation(
                    UpdateConversationRequest(
                        conversation: .init(conversationID: id, labels: ["vip"]), updateMask: .init(paths: ["labels"]),
                        requestID: UUID().text),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.updateConversation))
                #expect(updated.conversation?.replyWindowExpireTime == end)
                let events = try await inbox.events(of: tenant, count: has ? 3 : 6).filter { $0.conversationID == id }
                #expect(events.count == 3 && events.allSatisfy { $0.conversation?.replyWindowExpireTime == end })
            }
        }
    }

    @Test("S29: whole history and contact follow to the new responsible; the former one's department has no look any more")
    func S29_historyFollows() async throws {
        try await withInbox { inbox, tenant in
            let received = try await inbox.customer("v1", says: "first", of: tenant).conversation!
            let id = received.conversationID
            _ = try await inbox.send("second", in: id, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.service.addNote(
                AddNoteRequest(conversationID: id, requestID: UUID().text, text: "third"),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.addNote))
            let before = try await inbox.service.listHistory(
                ListHistoryRequest(conversationID: id), inbox.by(tenant.ana, of: tenant)
            ).entries
            func texts(by agent: UUID) async throws -> [String] {
                try await inbox.service.listMessages(
                    ListMessagesRequest(conversationID: id), inbox.by(agent, of: tenant)
                ).messages.map(\.text)
            }
            #expect(await reason { try await texts(by: tenant.bob) } == "OUT_OF_SCOPE")
            _ = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.ana, of: tenant)
            _ = try await inbox.accept(id, by: tenant.bob, of: tenant)
            #expect(try await texts(by: tenant.bob) == ["first", "second", "third"])
            let after = try await inbox.service.listHistory(
                ListHistoryRequest(conversationID: id), inbox.by(tenant.bob, of: tenant)
            ).entries
            #expect(after.count > before.count && Array(after.prefix(before.count)) == before)
            let row = try await inbox.get(id, by: tenant.bob, of: tenant)
            #expect(row.contactID == received.contactID && row.customerName == "Customer v1" && row.customerAddress == "v1")
            #expect(row.transferReason == "yours" && row.assigneeID == tenant.bob.text)
            #expect(await reason { try await texts(by: tenant.ana) } == "OUT_OF_SCOPE")
        }
    }
}
