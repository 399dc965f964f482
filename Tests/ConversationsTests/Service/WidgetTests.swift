import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("Web chat: what a visitor may do")
struct WidgetTests {
    /// HMAC-SHA256("widget-secret-1", "user-42"), the vector of CHANNELS 6.
    private static let hash = "c8b2a68591ea1b4235a1bc539939fcd561d1ad032b5b1f3b7d6102012411957a"
    /// The same of "user-7".
    private static let hashOfSeven = "d0e164e1a400a5401bc55126a9e83eaa2ad8b2d1cdee67556f7cdcea3244c14a"

    private func session(
        _ inbox: Inbox, _ tenant: Tenant, token: String = "", user: WidgetUser? = nil, origin: String = "https://shop.example"
    ) async throws -> CreateWidgetSessionResponse {
        try await inbox.widget.createWidgetSession(
            CreateWidgetSessionRequest(
                widgetKey: tenant.widgetKey, visitorToken: token, user: user, locale: "pt-BR", origin: origin),
            ServerContext(method: WidgetServiceDescriptor.createWidgetSession))
    }

    @Test("a session is opened by key and origin; its token brings the same visitor back")
    func sessions() async throws {
        try await withInbox { inbox, tenant in
            let first = try await session(inbox, tenant)
            #expect(!first.verified && first.conversation == nil && first.config?.textMax == 10_000)
            #expect(first.config?.attachments.contains { $0.kind == .audio } == false, "S32: no audio on web chat")
            #expect(try await session(inbox, tenant, token: first.visitorToken).visitorID == first.visitorID)
            #expect(try await session(inbox, tenant).visitorID != first.visitorID)
            #expect(await reason { try await session(inbox, tenant, origin: "https://evil.example") } == "ORIGIN_NOT_ALLOWED")
            #expect(await reason { try await session(inbox, tenant, token: "AAAA") } == "VISITOR_TOKEN_INVALID")
            #expect(await reason { try await session(inbox, Tenant(2), token: first.visitorToken) } == "VISITOR_TOKEN_INVALID")
            let unknown = CreateWidgetSessionRequest(widgetKey: "wk_none")
            let context = ServerContext(method: WidgetServiceDescriptor.createWidgetSession)
            #expect(await reason { try await inbox.widget.createWidgetSession(unknown, context) } == "WIDGET_KEY_UNKNOWN")
        }
    }

    @Test("CHANNELS 6: the session's tokens name their page's origin, and so does a later ticket")
    func tokensNameTheirOrigin() async throws {
        try await withInbox { inbox, tenant in
            let opened = try await session(inbox, tenant)
            let visitor = VisitorScope(
                visitorID: opened.visitorID, accountID: tenant.webchat.text, origin: "https://shop.example")
            #expect(try Self.scope(opened.accessToken) == visitor && Self.scope(opened.streamTicket) == visitor)
            let context = ServerContext(method: WidgetServiceDescriptor.createStreamTicket)
            context.authenticate(
                as: Principal(tenantID: tenant.id, subject: opened.visitorID, kind: .visitor, visitor: visitor))
            let ticket = try await inbox.widget.createStreamTicket(.init(), context)
            #expect(try Self.scope(ticket.streamTicket) == visitor)
        }
    }

    private typealias VisitorScope = Principal.VisitorScope

    /// What a token's claims say of its visitor.
    private static func scope(_ token: String) throws -> VisitorScope {
        let part = String(token.split(separator: ".")[1])
        let claims = try JSONDecoder().decode(TokenClaims.self, from: Data(#require(Base64URL.decode(part))))
        return VisitorScope(
            visitorID: claims.visitorID ?? "", accountID: claims.accountID ?? "", origin: claims.origin ?? "")
    }

    @Test("CHANNELS 6: a verified user is one visitor on every device; a wrong hash is refused")
    func identity() async throws {
        try await withInbox { inbox, tenant in
            let user = WidgetUser(userID: "user-42", displayName: "Lia", hash: Self.hash)
            let anonymous = try await session(inbox, tenant)
            let known = try await session(inbox, tenant, token: anonymous.visitorToken, user: user)
            #expect(known.verified && known.visitorID == anonymous.visitorID)
            #expect(try await session(inbox, tenant, user: user).visitorID == known.visitorID)
            // A visitor without a conversation becomes the known one; one who has begun one keeps it to its end.
            let other = try await session(inbox, tenant)
            #expect(try await session(inbox, tenant, token: other.visitorToken, user: user).visitorID == known.visitorID)
            let writer = inbox.byVisitor(other.visitorID, of: tenant)
            _ = try await inbox.widget.sendVisitorMessage(.init(clientMessageID: "c1", text: "hello"), writer)
            #expect(inbox.book.joined.withLock { $0.isEmpty })
            let joined = try await session(inbox, tenant, token: other.visitorToken, user: user)
            #expect(joined.verified && joined.visitorID == other.visitorID && joined.conversation != nil)
            #expect(inbox.book.joined.withLock { $0 } == [[other.visitorID, known.visitorID]])
            // Where another user signs in on that device, the conversation is not his.
            let second = WidgetUser(userID: "user-7", hash: Self.hashOfSeven)
            let stranger = try await session(inbox, tenant, token: other.visitorToken, user: second)
            #expect(stranger.visitorID != other.visitorID && stranger.conversation == nil)
            #expect(try await session(inbox, tenant, user: user).visitorID == known.visitorID)
            _ = try await inbox.widget.endVisitorConversation(.init(), writer)
            #expect(try await session(inbox, tenant, token: other.visitorToken, user: user).visitorID == known.visitorID)
            let wrong = WidgetUser(userID: "user-43", hash: Self.hash)
            #expect(await reason { try await session(inbox, tenant, user: wrong) } == "IDENTITY_NOT_VERIFIED")
        }
    }

    @Test("a visitor writes once per id, sees answers and no notes, reads, and ends")
    func conversation() async throws {
        try await withInbox { inbox, tenant in
            let visitor = inbox.byVisitor(try await session(inbox, tenant).visitorID, of: tenant)
            let request = SendVisitorMessageRequest(clientMessageID: "c1", text: "hello")
            let sent = try await inbox.widget.sendVisitorMessage(request, visitor)
            #expect(sent.conversation?.state == .waiting && sent.message?.clientMessageID == "c1" && sent.message?.seq == 1)
            #expect(try await inbox.widget.sendVisitorMessage(request, visitor).message == sent.message)
            let id = sent.conversation!.conversationID
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "secret")
            _ = try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant))
            _ = try await inbox.send("welcome", in: id, by: tenant.ana, of: tenant, accept: true)
            let seen = try await inbox.widget.listVisitorMessages(.init(), visitor)
            #expect(seen.messages.map(\.text) == ["hello", "welcome"] && seen.conversation?.agentName == "Ana")
            #expect(seen.messages.last?.authorName == "Ana")
            _ = try await inbox.widget.markVisitorRead(.init(upToSeq: 3), visitor)
            let ticks = try await inbox.service.listMessages(
                ListMessagesRequest(conversationID: id), inbox.by(tenant.ana, of: tenant)
            ).messages
            #expect(ticks.last?.deliveryStatus == .read)
            #expect(try await inbox.widget.endVisitorConversation(.init(), visitor).conversation?.state == .ended)
            let ended = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(ended.state == .closed && ended.stateReason == .customer)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 0)
            let next = SendVisitorMessageRequest(clientMessageID: "c2", text: "one more")
            #expect(try await inbox.widget.sendVisitorMessage(next, visitor).conversation?.conversationID != id)
        }
    }

    @Test("a visitor reaches nothing that is not his")
    func visitorsAreApart() async throws {
        try await withInbox { inbox, tenant in
            let one = inbox.byVisitor(try await session(inbox, tenant).visitorID, of: tenant)
            let two = inbox.byVisitor(try await session(inbox, tenant).visitorID, of: tenant)
            let id = try await inbox.widget.sendVisitorMessage(.init(clientMessageID: "c", text: "mine"), one).conversation!
                .conversationID
            #expect(
                await reason { try await inbox.widget.listVisitorMessages(.init(conversationID: id), two) }
                    == "CONVERSATION_NOT_FOUND")
            #expect(
                await reason { try await inbox.widget.markVisitorRead(.init(conversationID: id, upToSeq: 1), two) }
                    == "CONVERSATION_NOT_FOUND")
            let none = try await inbox.widget.listVisitorMessages(.init(), two)
            #expect(none.messages.isEmpty && none.conversation == nil)
        }
    }

    @Test("S17, C18: the business starts a live visitor's chat once; a second start names what is there")
    func C18_secondStartIsRefused() async throws {
        try await withInbox { inbox, tenant in
            let visitor = try await session(inbox, tenant).visitorID
            let contact = UUID()
            inbox.book.add(
                ContactAddress(channel: .webchat, accountID: tenant.webchat, address: visitor), to: contact)
            func start(_ agent: UUID, _ text: String = "hi") async throws -> StartConversationResponse {
                try await inbox.service.startConversation(
                    StartConversationRequest(
                        requestID: UUID().text, channelAccountID: tenant.webchat.text, contactID: contact.text, text: text),
                    inbox.by(agent, of: tenant, ConversationsServiceDescriptor.startConversation))
            }
            let started = try await start(tenant.ana)
            #expect(started.conversation?.state == .open && started.message?.seq == 1)
            #expect(try await inbox.load(of: tenant.ana, in: tenant) == 1)
            do {
                _ = try await start(tenant.bob)
                Issue.record("a second start went through")
            } catch let error as ConversationsError {
                #expect(error.failure.code == .alreadyExists && error.failure.reason == "CONVERSATION_EXISTS")
                #expect(error.failure.metadata["conversation_id"] == started.conversation?.conversationID)
                #expect(
                    error.failure.metadata["assignee_name"] == "Ana" && error.failure.metadata["way_on"] == "ask for transfer")
            }
            _ = try await inbox.close(started.conversation!.conversationID, by: tenant.ana, of: tenant)
            #expect(await reason { try await start(tenant.bob) } == "OK", "S47: closing frees it")
        }
    }

    @Test("SPEC 8: no start without a live session; WhatsApp begins with a template only")
    func startRules() async throws {
        try await withInbox { inbox, tenant in
            let visitor = try await session(inbox, tenant).visitorID
            let contact = UUID()
            inbox.book.add(ContactAddress(channel: .webchat, accountID: tenant.webchat, address: visitor), to: contact)
            inbox.book.add(ContactAddress(channel: .whatsapp, accountID: tenant.whatsapp, address: "+1"), to: contact)
            try inbox.advance(.seconds(15 * 60))
            func start(_ account: UUID) async throws -> StartConversationResponse {
                try await inbox.service.startConversation(
                    StartConversationRequest(
                        requestID: UUID().text, channelAccountID: account.text, contactID: contact.text, text: "hi"),
                    inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.startConversation))
            }
            #expect(await reason { try await start(tenant.webchat) } == "VISITOR_NOT_LIVE")
            #expect(await reason { try await start(tenant.whatsapp) } == "TEMPLATE_REQUIRED")
        }
    }
}
