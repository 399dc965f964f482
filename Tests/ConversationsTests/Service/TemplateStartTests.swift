import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("S35, S36, S39, C37: business starts and resumes by template")
struct TemplateStartTests {
    @Test("S35, S37, C37: a first contact begins with a template and awaits the reply; free text is refused before and after")
    func S35_start() async throws {
        try await withInbox { inbox, tenant in
            #expect(await reason { try await inbox.begin(text: "hello", by: tenant.ana, of: tenant) } == "TEMPLATE_REQUIRED")
            let started = try await inbox.begin(FakeTemplates.approved, by: tenant.ana, of: tenant)
            let conversation = started.conversation!
            #expect(conversation.state == .pending && conversation.stateReason == .awaitingReply)
            #expect(conversation.assigneeName == "Ana" && conversation.replyWindowExpireTime == nil)
            #expect(started.message?.kind == .template && started.message?.text == "Hello Ada")
            // C23: the clock starts when the provider took it.
            #expect(conversation.autoCloseTime == nil)
            let id = conversation.conversationID
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.ana, of: tenant) } == "AWAITING_REPLY")
            // S47, C18: the second start is refused, and names the first.
            #expect(
                await reason { try await inbox.begin(FakeTemplates.approved, by: tenant.cleo, of: tenant) }
                    == "CONVERSATION_EXISTS")
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
        }
    }

    @Test("C29: a template that no provider would take is refused before anything is stored")
    func C29_refused() async throws {
        try await withInbox { inbox, tenant in
            #expect(await reason { try await inbox.begin(UUID(), by: tenant.ana, of: tenant) } == "INVALID_FIELD")
            let pending = try await inbox.list(.pending, by: tenant.ana, of: tenant)
            #expect(pending.isEmpty)
            #expect(
                await reason {
                    try await inbox.begin(FakeTemplates.approved, patience: .seconds(59), by: tenant.ana, of: tenant)
                } == "INVALID_FIELD")
        }
    }

    @Test("S36, C23: the time its sender gave runs from the acceptance on: closed, once; a reply cancels it")
    func S36_autoClose() async throws {
        try await withInbox { inbox, tenant in
            let started = try await inbox.begin(FakeTemplates.approved, patience: .seconds(3_600), by: tenant.ana, of: tenant)
            let id = started.conversation!.conversationID
            try inbox.advance(.seconds(7_200))
            try await inbox.settle()
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .pending)
            try await inbox.report(started.message!.messageID, .sent, of: tenant)
            let closes = try #require(try await inbox.get(id, by: tenant.ana, of: tenant).autoCloseTime).instant
            #expect(closes == inbox.surroundings.clock.now.advanced(by: .seconds(3_600)))
            // Delivered and read move nothing.
            try inbox.advance(.seconds(60))
            try await inbox.report(started.message!.messageID, .delivered, of: tenant)
            try await inbox.settle(at: closes.advanced(by: .microseconds(-1)))
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .pending)
            try await inbox.settle(at: closes)
            let closed = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(closed.state == .closed && closed.stateReason == .noReply)

            // S47: closing frees the address; the reply opens the window.
            let again = try await inbox.begin(FakeTemplates.approved, patience: .seconds(3_600), by: tenant.ana, of: tenant)
            try await inbox.report(again.message!.messageID, .sent, of: tenant)
            let replied = try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!
            #expect(replied.state == .open && replied.autoCloseTime == nil)
            try inbox.advance(.seconds(7_200))
            try await inbox.settle()
            #expect(try await inbox.get(replied.conversationID, by: tenant.ana, of: tenant).state == .open)
            #expect(await reason { try await inbox.send("hi", in: replied.conversationID, by: tenant.ana, of: tenant) } == "OK")
        }
    }

    @Test("C37: a template that fails closes a first contact, and expires a resumed one again; its sender is told")
    func C37_failed() async throws {
        try await withInbox { inbox, tenant in
            let started = try await inbox.begin(FakeTemplates.approved, by: tenant.ana, of: tenant)
            try await inbox.report(started.message!.messageID, .failed, of: tenant)
            let closed = try await inbox.get(started.conversation!.conversationID, by: tenant.ana, of: tenant)
            #expect(closed.state == .closed && closed.stateReason == .startFailed)
            #expect(try await inbox.notifications(of: tenant.ana, in: tenant).map(\.kind) == [.failedMessage])
            let id = try await inbox.expiredPhone(of: tenant)
            let resumed = try await inbox.resumeByTemplate(id, by: tenant.ana, of: tenant)
            #expect(resumed.state == .pending && resumed.stateReason == .awaitingReply && resumed.assigneeName == "Ana")
            try await inbox.report(try await inbox.lastMessage(id, by: tenant.ana, of: tenant), .failed, of: tenant)
            let expired = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(expired.state == .expired && expired.stateReason == .window)
        }
    }

    @Test(
        "S39, S40: resumed by template, locked until the contact writes; 24 h without a reply and it expires again; not on Instagram"
    )
    func S39_resume() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.expiredPhone(of: tenant)
            let resumed = try await inbox.resumeByTemplate(id, by: tenant.ana, of: tenant)
            #expect(resumed.state == .pending && resumed.autoCloseTime == nil)
            #expect(await reason { try await inbox.send("hi", in: id, by: tenant.ana, of: tenant) } == "AWAITING_REPLY")
            // Another template while awaiting restarts the clock (C37); a colleague's is refused.
            #expect(await reason { try await inbox.resumeByTemplate(id, by: tenant.cleo, of: tenant) } == "NOT_YOURS")
            _ = try await inbox.resumeByTemplate(id, by: tenant.ana, of: tenant)
            try await inbox.report(try await inbox.lastMessage(id, by: tenant.ana, of: tenant), .sent, of: tenant)
            try inbox.advance(.seconds(86_399))
            try await inbox.settle()
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .pending)
            try inbox.advance(.seconds(1))
            try await inbox.settle()
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .expired)
            _ = try await inbox.resumeByTemplate(id, by: tenant.ana, of: tenant)
            let unlocked = try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!
            #expect(unlocked.state == .open)
            #expect(await reason { try await inbox.resumeByTemplate(id, by: tenant.ana, of: tenant) } == "TRANSITION_NOT_ALLOWED")
            // SPEC 8: web chat, as Instagram, cannot be resumed by the business.
            let webchat = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.expireUnattended(webchat, of: tenant)
            #expect(
                await reason { try await inbox.resumeByTemplate(webchat, by: tenant.ana, of: tenant) } == "RESUME_NOT_ALLOWED")
        }
    }
}

extension Inbox {
    /// A business start on WhatsApp to a contact who is known there.
    fileprivate func begin(
        _ template: UUID? = nil, text: String = "", patience: Duration? = nil, by agent: UUID, of tenant: Tenant
    ) async throws -> StartConversationResponse {
        let contact = try await book.resolve(
            ContactAddress(channel: .whatsapp, accountID: tenant.whatsapp, address: "+5511987654321"), tenantID: tenant.id)
        var request = StartConversationRequest(
            requestID: UUID().text, channelAccountID: tenant.whatsapp.text, contactID: contact.text, text: text)
        request.template = template.map { TemplateUse(templateID: $0.text, variables: ["1": "Ada"]) }
        request.autoCloseAfter = patience.map { .init($0) }
        return try await service.startConversation(
            request, by(agent, of: tenant, ConversationsServiceDescriptor.startConversation))
    }

    /// A customer's conversation whose window passed.
    fileprivate func expiredPhone(of tenant: Tenant) async throws -> String {
        let id = try await customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!.conversationID
        try advance(.seconds(86_400))
        try await settle()
        return id
    }

    fileprivate func resumeByTemplate(
        _ id: String, by agent: UUID, of tenant: Tenant
    ) async throws -> ConversationsV1.Conversation {
        try await service.resumeByTemplate(
            ResumeByTemplateRequest(
                conversationID: id, requestID: UUID().text, template: TemplateUse(templateID: FakeTemplates.approved.text)),
            by(agent, of: tenant, ConversationsServiceDescriptor.resumeByTemplate)
        ).conversation!
    }

    fileprivate func lastMessage(_ id: String, by agent: UUID, of tenant: Tenant) async throws -> String {
        try await service.listMessages(
            ListMessagesRequest(conversationID: id, orderBy: "seq desc", pageSize: 1), by(agent, of: tenant)
        ).messages[0].messageID
    }
}
