import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("C50: everything a user is told")
struct EveryNotificationTests {
    @Test("C50: each of the eleven reasons reaches whom it concerns, once, with its conversation, and nobody what he did himself")
    func C50_every() async throws {
        try await withInbox { inbox, tenant in
            var seen: Set<ConversationsV1.NotificationKind> = []
            /// What an agent has been told of a conversation since the last look, the oldest first.
            func told(_ agent: UUID, of id: String) async throws -> [ConversationsV1.NotificationKind] {
                let unread = try await inbox.notifications(of: agent, in: tenant).filter { !$0.read }
                let service = NotificationsService(surroundings: inbox.surroundings)
                _ = try await service.markNotificationsRead(
                    MarkNotificationsReadRequest(requestID: UUID().text, notificationIDs: unread.map(\.notificationID)),
                    inbox.by(agent, of: tenant, NotificationsServiceDescriptor.markNotificationsRead))
                #expect(unread.allSatisfy { $0.conversationID == id })
                seen.formUnion(unread.map(\.kind))
                return unread.reversed().map(\.kind)
            }
            let id = try await inbox.customer("+5511900000001", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
            #expect(try await told(tenant.ana, of: id) == [.offered])
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(try await told(tenant.ana, of: id) == [])
            _ = try await inbox.transfer(id, to: .agentID(tenant.cleo.text), by: tenant.ana, of: tenant)
            #expect(try await told(tenant.cleo, of: id) == [.transferred])
            #expect(try await told(tenant.ana, of: id) == [])
            let sent = try await inbox.send("hi", in: id, by: tenant.cleo, of: tenant).message!
            _ = try await inbox.service.reportDelivery(
                ReportDeliveryRequest(
                    messageID: sent.messageID, requestID: UUID().text, status: .failed, failureReason: "UNREACHABLE"),
                inbox.byChannels(tenant))
            #expect(try await told(tenant.cleo, of: id) == [.failedMessage])
            try await inbox.customer("+5511900000001", to: tenant.whatsapp, of: tenant)
            #expect(try await told(tenant.cleo, of: id) == [.customerWrote])
            _ = try await inbox.service.addNote(
                AddNoteRequest(
                    conversationID: id, requestID: UUID().text, text: "look", mentionedAgentIDs: [tenant.bob.text]),
                inbox.by(tenant.cleo, of: tenant, ConversationsServiceDescriptor.addNote))
            #expect(try await told(tenant.bob, of: id) == [.mention])
            // A ticket's time is about to pass: whoever serves it, and once for each warning.
            func warn(_ request: String) async throws {
                _ = try await inbox.service.warnOfSla(
                    WarnOfSlaRequest(conversationID: id, requestID: request),
                    inbox.bySystem("tickets", of: tenant, ConversationsServiceDescriptor.warnOfSla))
            }
            let request = UUID().text
            for _ in 0..<2 { try await warn(request) }
            #expect(try await told(tenant.cleo, of: id) == [.slaWarning])
            #expect(try await told(tenant.ana, of: id) == [])
            // Two hours before the window's end, and nobody has answered.
            let end = try #require(try await inbox.get(id, by: tenant.cleo, of: tenant).replyWindowExpireTime?.instant)
            try await inbox.settle(at: end.advanced(by: .seconds(-7_200)))
            #expect(try await told(tenant.cleo, of: id) == [.windowClosing])
            let remind = inbox.surroundings.clock.now.advanced(by: .seconds(60))
            _ = try await inbox.service.setPending(
                SetPendingRequest(conversationID: id, requestID: UUID().text, remindTime: .init(remind)),
                inbox.by(tenant.cleo, of: tenant, ConversationsServiceDescriptor.setPending))
            try await inbox.settle(at: remind)
            #expect(try await told(tenant.cleo, of: id) == [.reminder])
            _ = try await inbox.service.take(
                TakeRequest(conversationID: id, requestID: UUID().text),
                inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.take))
            #expect(try await told(tenant.cleo, of: id) == [.taken])
            // Back in the queue, its last agent gets it without an offer.
            _ = try await inbox.transfer(id, to: .departmentID(tenant.sales.text), by: tenant.ana, of: tenant)
            // While nobody has it, its department hears of what is at risk.
            try await warn(UUID().text)
            #expect(try await told(tenant.cleo, of: id) == [.slaWarning])
            #expect(try await told(tenant.ana, of: id) == [.slaWarning])
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant, open: true)
            #expect(try await told(tenant.ana, of: id) == [.assigned])
            // Offers that he missed set him away.
            _ = try await inbox.transfer(id, to: .departmentID(tenant.sales.text), by: tenant.ana, of: tenant)
            _ = try await inbox.assign(id, to: tenant.cleo, of: tenant)
            _ = try await inbox.takeBack(id, .offerTimeout, of: tenant)
            try inbox.advance(.seconds(1))
            var cleo = tenant.agent(tenant.cleo, "Cleo", [tenant.sales, tenant.support])
            cleo.status = AgentStatus(
                availability: .away, reason: "missed_offers", changeTime: Timestamp(inbox.surroundings.clock.now))
            // The same change comes again with each event of his.
            for _ in 0..<2 { try await inbox.hear([tenant.event(.agent(cleo))]) }
            #expect(try await told(tenant.cleo, of: id) == [.offered, .away])
            // Lunch is his own doing.
            cleo.status = AgentStatus(
                availability: .away, reason: "lunch", changeTime: Timestamp(inbox.surroundings.clock.now))
            try await inbox.hear([tenant.event(.agent(cleo))])
            #expect(try await told(tenant.cleo, of: id) == [])
            #expect(
                seen == [
                    .offered, .assigned, .transferred, .taken, .customerWrote, .mention, .reminder, .failedMessage, .slaWarning,
                    .windowClosing, .away,
                ])
            // What is over warns nobody; another tenant's is unknown.
            _ = try await inbox.close(id, by: tenant.operatorID, of: tenant)
            try await warn(UUID().text)
            #expect(try await told(tenant.ana, of: id) == [])
            #expect(
                await reason {
                    try await inbox.service.warnOfSla(
                        WarnOfSlaRequest(conversationID: id, requestID: UUID().text),
                        inbox.bySystem("tickets", of: Tenant(2), ConversationsServiceDescriptor.warnOfSla))
                } == "CONVERSATION_NOT_FOUND")
        }
    }
}
