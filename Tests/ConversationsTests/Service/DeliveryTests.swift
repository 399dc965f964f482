import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("C48, guarantee 13: what was accepted is judged again before it goes out")
struct DeliveryTests {
    @Test("C48, S31: a window that closed meanwhile: failed, not sent; the conversation is marked, and its author told")
    func C48_handover() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let message = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant).message!
            let first = try await inbox.handOver(message.messageID, of: tenant)
            #expect(first.allowed && first.reason.isEmpty && first.message?.deliveryStatus == .accepted)
            try inbox.advance(.seconds(86_400))
            let second = try await inbox.handOver(message.messageID, of: tenant)
            #expect(!second.allowed && second.reason == "REPLY_WINDOW_CLOSED")
            #expect(second.message?.deliveryStatus == .failed && second.message?.failureReason == "REPLY_WINDOW_CLOSED")
            #expect(try await inbox.handOver(message.messageID, of: tenant).reason == "REPLY_WINDOW_CLOSED")
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).failedMessage)
            let told = try await inbox.notifications(of: tenant.ana, in: tenant).filter { $0.kind == .failedMessage }
            #expect(told.map(\.messageID) == [message.messageID])
            #expect(await reason { try await inbox.handOver(UUID().text, of: tenant) } == "MESSAGE_NOT_FOUND")
        }
    }

    @Test("C48: closing cancels nothing that was accepted before it")
    func C48_closedMeanwhile() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let message = try await inbox.send("bye", in: id, by: tenant.ana, of: tenant).message!
            _ = try await inbox.close(id, by: tenant.ana, of: tenant)
            #expect(try await inbox.handOver(message.messageID, of: tenant).allowed)
        }
    }

    @Test("C48: a failed message goes out again with the same text, once; what has not failed does not")
    func C48_retry() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let message = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant).message!
            func retry(by agent: UUID) async throws -> ConversationsV1.Message {
                try await inbox.service.retryMessage(
                    RetryMessageRequest(conversationID: id, messageID: message.messageID, requestID: UUID().text),
                    inbox.by(agent, of: tenant, ConversationsServiceDescriptor.retryMessage)
                ).message!
            }
            #expect(await reason { try await retry(by: tenant.ana) } == "TRANSITION_NOT_ALLOWED")
            try await inbox.report(message.messageID, .failed, of: tenant)
            #expect(await reason { try await retry(by: tenant.cleo) } == "NOT_YOURS")
            let again = try await retry(by: tenant.ana)
            #expect(again.text == "hi" && again.deliveryStatus == .accepted && again.messageID != message.messageID)
            #expect(try await !inbox.get(id, by: tenant.ana, of: tenant).failedMessage)
            #expect(await reason { try await retry(by: tenant.ana) } == "TRANSITION_NOT_ALLOWED")
        }
    }
}

@Suite("C50, C52: what users are told")
struct NotificationsTests {
    @Test("C50: offered, transferred, taken, written to; read is read, and nobody reads another's")
    func C50_kinds() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.assign(id, to: tenant.ana, of: tenant)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant)
            // Ids are in the order of time.
            try inbox.advance(.seconds(1))
            try await inbox.customer("v1", of: tenant)
            try await inbox.customer("v1", of: tenant)
            try inbox.advance(.seconds(1))
            _ = try await inbox.service.take(
                TakeRequest(conversationID: id, requestID: UUID().text), inbox.by(tenant.cleo, of: tenant))
            _ = try await inbox.transfer(id, to: .agentID(tenant.bob.text), by: tenant.cleo, of: tenant)
            let ana = try await inbox.notifications(of: tenant.ana, in: tenant)
            #expect(ana.map(\.kind) == [.taken, .customerWrote, .offered])
            #expect(try await inbox.notifications(of: tenant.bob, in: tenant).map(\.kind) == [.transferred])
            #expect(try await inbox.notifications(of: tenant.cleo, in: tenant).isEmpty)
            let service = NotificationsService(surroundings: inbox.surroundings)
            _ = try await service.markNotificationsRead(
                MarkNotificationsReadRequest(requestID: UUID().text, notificationIDs: [ana[0].notificationID]),
                inbox.by(tenant.bob, of: tenant, NotificationsServiceDescriptor.markNotificationsRead))
            #expect(try await inbox.notifications(of: tenant.ana, in: tenant).allSatisfy { !$0.read })
            _ = try await service.markNotificationsRead(
                MarkNotificationsReadRequest(requestID: UUID().text),
                inbox.by(tenant.ana, of: tenant, NotificationsServiceDescriptor.markNotificationsRead))
            let unread = try await service.listNotifications(
                ListNotificationsRequest(unreadOnly: true),
                inbox.by(tenant.ana, of: tenant, NotificationsServiceDescriptor.listNotifications))
            #expect(unread.notifications.isEmpty)
        }
    }

    @Test("C52: a mention tells its agent, its department's members too, and lets them read the conversation")
    func C52_mentions() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(await reason { try await inbox.get(id, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
            let note = AddNoteRequest(
                conversationID: id, requestID: UUID().text, text: "look", mentionedDepartmentIDs: [tenant.support.text])
            _ = try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant))
            #expect(try await inbox.notifications(of: tenant.bob, in: tenant).map(\.kind) == [.mention])
            #expect(try await inbox.notifications(of: tenant.ana, in: tenant).isEmpty)
            #expect(await reason { try await inbox.get(id, by: tenant.bob, of: tenant) } == "OK")
        }
    }
}

extension Inbox {
    fileprivate func handOver(_ message: String, of tenant: Tenant) async throws -> CheckHandoverResponse {
        try await service.checkHandover(
            CheckHandoverRequest(messageID: message, requestID: UUID().text),
            bySystem("channels", of: tenant, ConversationsServiceDescriptor.checkHandover))
    }

    func report(_ message: String, _ status: DeliveryStatus, of tenant: Tenant) async throws {
        _ = try await service.reportDelivery(
            ReportDeliveryRequest(messageID: message, requestID: UUID().text, status: status, failureReason: "UNREACHABLE"),
            bySystem("channels", of: tenant, ConversationsServiceDescriptor.reportDelivery))
    }
}
