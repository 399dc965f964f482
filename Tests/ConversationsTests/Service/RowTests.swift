import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Testing
import WallTime

@testable import Conversations

/// What a row and the detail panel tell of a conversation.
@Suite("Rows and details")
struct RowTests {
    @Test("S1: a status follows from what people and the system do, and cannot be written")
    func S1_statusIsNotWritten() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let before = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(before.state == .queued)
            for path in ["state", "state_reason", "assignee_id", "inactive"] {
                var wanted = before
                (wanted.state, wanted.stateReason, wanted.assigneeID, wanted.inactive) = (.closed, .agent, tenant.ana.text, true)
                _ = await reason {
                    try await inbox.service.updateConversation(
                        UpdateConversationRequest(
                            conversation: wanted, updateMask: FieldMask(paths: [path]), requestID: UUID().text),
                        inbox.by(tenant.operatorID, of: tenant, ConversationsServiceDescriptor.updateConversation))
                }
                let after = try await inbox.get(id, by: tenant.ana, of: tenant)
                #expect((after.state, after.assigneeID, after.inactive) == (.queued, "", false), "\(path)")
            }
            #expect(try await inbox.accept(id, by: tenant.ana, of: tenant).state == .open)
            #expect(try await inbox.setPending(id, by: tenant.ana, of: tenant).state == .pending)
            #expect(try await inbox.close(id, by: tenant.ana, of: tenant).state == .closed)
        }
    }

    @Test("S4: a service is ongoing once it has started: it leaves the queue and brings its details and its customer")
    func S4_ongoing() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(try await inbox.list(.queue, by: tenant.ana, of: tenant).map(\.conversationID) == [id])
            #expect(try await inbox.list(.open, by: tenant.ana, of: tenant).isEmpty)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(try await inbox.list(.queue, by: tenant.ana, of: tenant).isEmpty)
            let ongoing = try #require(try await inbox.list(.open, by: tenant.ana, of: tenant).first)
            #expect(ongoing.conversationID == id && ongoing.assigneeID == tenant.ana.text)
            #expect(ongoing.customerName == "Customer v1" && !ongoing.contactID.isEmpty && ongoing.startTime != nil)
        }
    }

    @Test("S8: the channel shows before the service starts; what is over is marked inactive")
    func S8_channel() async throws {
        try await withInbox { inbox, tenant in
            for (account, channel) in [(tenant.webchat, ConversationsV1.ChannelKind.webchat), (tenant.whatsapp, .whatsapp)] {
                let address = channel == .webchat ? "v1" : "5511912345678"
                let id = try await inbox.customer(address, to: account, of: tenant).conversation!.conversationID
                let row = try await inbox.list(.queue, by: tenant.ana, of: tenant).first { $0.conversationID == id }
                #expect(row?.channel == channel && row?.startTime == nil && row?.inactive == false)
                _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
                #expect(try await inbox.close(id, by: tenant.ana, of: tenant).inactive)
            }
        }
    }

    @Test("S11: the detail has department, channel, start, and a log of what happened, each with its time and by whom")
    func S11_details() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try inbox.advance(.seconds(60))
            let started = inbox.surroundings.clock.now
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            try inbox.advance(.seconds(60))
            _ = try await inbox.send("a", in: id, by: tenant.ana, of: tenant)
            _ = try await inbox.close(id, by: tenant.ana, of: tenant)
            let detail = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(detail.departmentName == "Sales" && detail.channel == .webchat && detail.ticketID.isEmpty)
            #expect(detail.startTime == Timestamp(started))
            #expect(detail.customerReadSeq == 0 && detail.assigneeReadSeq >= 1)
            let log = try await inbox.service.listHistory(.init(conversationID: id), inbox.by(tenant.ana, of: tenant)).entries
            #expect(log.map(\.stateAfter).contains(.open) && log.map(\.stateAfter).contains(.closed))
            let accepted = log.first { $0.stateBefore == .queued && $0.stateAfter == .open }
            #expect(accepted?.occurTime == Timestamp(started) && accepted?.actor?.actorID == tenant.ana.text)
            #expect(log.allSatisfy { $0.occurTime != nil && $0.actor != nil })
        }
    }
}
