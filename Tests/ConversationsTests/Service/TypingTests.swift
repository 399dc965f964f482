import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import Postgres
import PostgresTesting
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("C54, C61: who has a conversation open, and who types")
struct TypingTests {
    @Test("C54, C61: another replica hears of it once, by ids; nothing is stored; who may not read the conversation is refused")
    func C54_betweenReplicas() async throws {
        try await withReplicas { inbox, other, tenant in
            let received = try await inbox.customer("v1", of: tenant).conversation!
            let id = received.conversationID
            try await inbox.untilHeard(by: other)
            var heard = other.surroundings.typing.heard.makeAsyncIterator()
            var own = inbox.surroundings.typing.heard.makeAsyncIterator()
            let head = try await inbox.surroundings.events.head()

            try await inbox.type(id, true, by: tenant.ana, of: tenant)
            try await inbox.type(id, left: true, by: tenant.ana, of: tenant)
            for listener in 0..<2 {
                for (open, typing) in [(true, true), (false, false)] {
                    let next = listener == 0 ? await heard.next() : await own.next()
                    let told = try #require(next)
                    #expect(told.conversationID == id && told.tenantID == tenant.id.text)
                    #expect(told.open == open && told.typing == typing)
                    #expect(
                        told.actor == ConversationsV1.Actor(kind: .agent, actorID: tenant.ana.text),
                        "no name travels between replicas")
                    #expect(told.audience?.departmentID == tenant.sales.text && told.visitorID.isEmpty)
                    #expect(told.expireTime == Timestamp(inbox.surroundings.clock.now.advanced(by: TypingBoard.holds)))
                }
            }
            #expect(try await inbox.surroundings.events.head() == head)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).etag == received.etag)

            #expect(await reason { try await inbox.type(id, true, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
            #expect(
                await reason { try await inbox.type(UUID().text, true, by: tenant.ana, of: tenant) } == "CONVERSATION_NOT_FOUND")
            #expect(await reason { try await inbox.type(id, true, left: true, by: tenant.ana, of: tenant) } == "INVALID_FIELD")
            let stranger = Tenant(2)
            #expect(await reason { try await inbox.type(id, true, by: stranger.admin, of: stranger) } == "CONVERSATION_NOT_FOUND")
            // Nobody heard of what was refused.
            try await inbox.type(id, false, by: tenant.cleo, of: tenant)
            let last = await heard.next()
            #expect(last?.actor?.actorID == tenant.cleo.text)
        }
    }

    @Test("C61: on web chat the visitor is told of the agent who serves him, and the agents of the visitor")
    func C61_bothWaysOnWebChat() async throws {
        try await withReplicas { inbox, other, tenant in
            let session = try await inbox.widget.createWidgetSession(
                CreateWidgetSessionRequest(widgetKey: tenant.widgetKey),
                inbox.by(tenant.ana, of: tenant, WidgetServiceDescriptor.createWidgetSession))
            let visitor = inbox.byVisitor(session.visitorID, of: tenant)
            try await inbox.untilHeard(by: other)
            var heard = other.surroundings.typing.heard.makeAsyncIterator()
            // Without a conversation under way nothing is told.
            _ = try await inbox.widget.sendVisitorTyping(SendVisitorTypingRequest(typing: true), visitor)
            let id = try await inbox.widget.sendVisitorMessage(
                SendVisitorMessageRequest(clientMessageID: "1", text: "hi"), visitor
            ).conversation!.conversationID
            _ = try await inbox.widget.sendVisitorTyping(SendVisitorTypingRequest(typing: true), visitor)
            var next = await heard.next()
            var told = try #require(next)
            #expect(told.conversationID == id && told.actor?.kind == .customer && told.typing && told.open)
            #expect(told.visitorID.isEmpty, "he knows what he does himself")

            try await inbox.type(id, true, by: tenant.ana, of: tenant)
            next = await heard.next()
            told = try #require(next)
            #expect(told.visitorID.isEmpty, "nobody serves him yet")
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            try await inbox.type(id, true, by: tenant.ana, of: tenant)
            next = await heard.next()
            told = try #require(next)
            #expect(told.visitorID == session.visitorID && told.channelAccountID == tenant.webchat.text)
            try await inbox.type(id, true, by: tenant.cleo, of: tenant)
            next = await heard.next()
            told = try #require(next)
            #expect(told.visitorID.isEmpty, "a colleague's typing is not his to see")
        }
    }

    @Test("C54: of more than its share a caller tells no more; the next span begins anew; others are not concerned")
    func C54_share() {
        let limit = TypingLimit()
        let now = ContinuousClock.Instant.now
        let first = (0..<TypingLimit.countMax + 5).map { _ in limit.allows("a", at: now) }
        #expect(first.filter(\.self).count == TypingLimit.countMax && first.last == false)
        #expect(limit.allows("b", at: now))
        #expect(
            !limit.allows("a", at: now + TypingLimit.span - .milliseconds(1)) && limit.allows("a", at: now + TypingLimit.span))
        for n in 0..<TypingLimit.callersMax { _ = limit.allows("\(n)", at: now) }
        #expect(!limit.allows("one more", at: now) && limit.allows("one more", at: now + TypingLimit.span))
    }
}

// MARK: -

/// Two processes of the service over one database.
private func withReplicas(_ body: @escaping @Sendable (Inbox, Inbox, Tenant) async throws -> Void) async throws {
    try await withInbox { inbox, tenant in
        try await inbox.database.withPool({ $0.connectionsMax = 2 }) { pool in
            var surroundings = inbox.surroundings
            surroundings.pool = pool
            let other = Inbox(surroundings: surroundings, database: inbox.database, book: inbox.book)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await inbox.surroundings.pool.run() }
                group.addTask { try await pool.run() }
                defer { group.cancelAll() }
                try await body(inbox, other, tenant)
            }
        }
    }
}

extension Inbox {
    /// Until what is said here is heard there: the first hint says that the other listens, the second that this one may speak.
    fileprivate func untilHeard(by other: Inbox) async throws {
        var hints = other.surroundings.pool.listen(TypingBoard.channel).makeAsyncIterator()
        _ = await hints.next()
        surroundings.pool.notify(TypingBoard.channel)
        _ = await hints.next()
    }

    fileprivate func type(
        _ id: String, _ types: Bool = false, left: Bool = false, by agent: UUID, of tenant: Tenant
    ) async throws {
        _ = try await service.sendTyping(
            SendTypingRequest(conversationID: id, typing: types, left: left),
            by(agent, of: tenant, ConversationsServiceDescriptor.sendTyping))
    }
}
