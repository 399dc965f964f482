import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("C45: automatic replies")
struct AutomaticRepliesTests {
    @Test("C45: who writes first is greeted, once, by his department's reply or the one for all; a greeting is no answer (C38)")
    func C45_greeting() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.setReply(.greeting, ["": "welcome"], of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try await inbox.customer("v1", of: tenant)
            let messages = try await inbox.said(in: id, of: tenant)
            #expect(messages.map(\.text) == ["hello", "welcome", "hello"])
            #expect(messages[1].author?.kind == .system && messages[1].direction == .outbound)
            let conversation = try await inbox.get(id, by: tenant.ana, of: tenant)
            #expect(conversation.state == .queued && conversation.waitingOn == .agent && conversation.unread == 2)
            // The department's own says something else, or nothing.
            try await inbox.setReply(.greeting, ["": "welcome to sales"], department: tenant.sales, of: tenant)
            let second = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            #expect(try await inbox.said(in: second, of: tenant).map(\.text) == ["hello", "welcome to sales"])
            #expect(try await inbox.get(second, by: tenant.ana, of: tenant).waitingOn == .agent)
            try await inbox.setReply(.greeting, [:], department: tenant.sales, of: tenant)
            let third = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            #expect(try await inbox.said(in: third, of: tenant).count == 1)
            // Another channel has none.
            let phone = try await inbox.customer("+5511987654321", to: tenant.whatsapp, of: tenant).conversation!.conversationID
            #expect(try await inbox.said(in: phone, of: tenant).count == 1)
        }
    }

    @Test("C45: a customer is told of a transfer once, of a close, and of nobody being available before the web chat expires")
    func C45_occasions() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.setReply(.transferred, ["": "one moment"], of: tenant)
            try await inbox.setReply(.closed, ["": "good bye"], of: tenant)
            try await inbox.setReply(.nobodyAvailable, ["": "nobody is here"], of: tenant)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.cleo, of: tenant, accept: true)
            _ = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.cleo, of: tenant)
            _ = try await inbox.transfer(id, to: .departmentID(tenant.sales.text), by: tenant.operatorID, of: tenant)
            #expect(try await inbox.said(in: id, of: tenant).map(\.text) == ["hello", "hi", "one moment"])
            let closed = try await inbox.close(id, by: tenant.operatorID, of: tenant)
            #expect(closed.state == .closed)
            #expect(try await inbox.said(in: id, of: tenant).map(\.text) == ["hello", "hi", "one moment", "good bye"])
            // What is refused says nothing.
            #expect(await reason { try await inbox.close(id, by: tenant.operatorID, of: tenant) } != "OK")
            #expect(try await inbox.said(in: id, of: tenant).count == 4)

            let other = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            #expect(try await inbox.expireUnattended(other, of: tenant).state == .expired)
            #expect(try await inbox.said(in: other, of: tenant).map(\.text) == ["hello", "nobody is here"])
        }
    }

    @Test("C45: nothing is said where the channel does not let us: the window is shut")
    func C45_window() async throws {
        try await withInbox { inbox, tenant in
            try await inbox.setReply(.closed, ["": "good bye"], channel: .whatsapp, of: tenant)
            let shut = try await inbox.phoneOpen(by: tenant.ana, of: tenant)
            let open = try await inbox.phoneOpen("+5511900000000", by: tenant.ana, of: tenant)
            _ = try await inbox.close(open, by: tenant.ana, of: tenant)
            #expect(try await inbox.said(in: open, of: tenant).map(\.text) == ["hello", "good bye"])
            try inbox.advance(.seconds(86_400))
            _ = try await inbox.close(shut, by: tenant.ana, of: tenant)
            #expect(try await inbox.said(in: shut, of: tenant).map(\.text) == ["hello"])
        }
    }

    @Test("C45: replies are set whole under an etag by operators, listed by pages, and refused by field")
    func C45_setting() async throws {
        try await withInbox { inbox, tenant in
            let first = try await inbox.setReply(.greeting, ["": "a"], of: tenant)
            let second = try await inbox.setReply(.greeting, ["": "b"], etag: first.etag, of: tenant)
            #expect(second.etag != first.etag)
            #expect(
                await reason { try await inbox.setReply(.greeting, ["": "c"], etag: first.etag, of: tenant) } == "ETAG_MISMATCH")
            for occasion in [AutomaticReplyOccasion.closed, .transferred] {
                try await inbox.setReply(occasion, ["": "x"], department: tenant.sales, of: tenant)
            }
            var (found, token): ([AutomaticReplyOccasion], String) = ([], "")
            repeat {
                let page = try await inbox.replies.listAutomaticReplies(
                    ListAutomaticRepliesRequest(pageSize: 1, pageToken: token),
                    inbox.by(tenant.operatorID, of: tenant, AutomaticRepliesServiceDescriptor.listAutomaticReplies))
                found += page.automaticReplies.map(\.occasion)
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(found == [.greeting, .closed, .transferred])
            func refused(_ reply: ConversationsV1.AutomaticReply) async -> [String] {
                do {
                    _ = try await inbox.set(reply, of: tenant)
                    return []
                } catch let error as Failure {
                    return error.fields.map(\.field)
                } catch {
                    return ["\(error)"]
                }
            }
            #expect(
                await refused(.init(channel: .webchat, occasion: .init(rawValue: 99), texts: [.init(text: "")]))
                    == ["automatic_reply.occasion", "automatic_reply.texts[0].text"])
            #expect(
                await refused(.init(occasion: .closed, texts: [.init(text: "x")])) == ["automatic_reply.channel"])
            let twice = [AutomaticReplyText(locale: "pt", text: "a"), AutomaticReplyText(locale: "PT", text: "b")]
            #expect(
                await refused(.init(channel: .webchat, occasion: .closed, texts: twice)) == ["automatic_reply.texts[1].locale"])
            let many = (0...20).map { AutomaticReplyText(locale: "x\($0)", text: "a") }
            #expect(
                await refused(.init(channel: .webchat, occasion: .closed, texts: many)) == ["automatic_reply.texts"])
            #expect(
                await reason { try await inbox.setReply(.closed, ["": "x"], department: UUID(), of: tenant) }
                    == "DEPARTMENT_NOT_FOUND")
        }
    }
}

extension Inbox {
    fileprivate var replies: AutomaticRepliesService { AutomaticRepliesService(surroundings: surroundings) }

    @discardableResult
    func setReply(
        _ occasion: AutomaticReplyOccasion, _ texts: [String: String], channel: ConversationsV1.ChannelKind = .webchat,
        department: UUID? = nil, etag: String = "", of tenant: Tenant
    ) async throws -> ConversationsV1.AutomaticReply {
        try await set(
            ConversationsV1.AutomaticReply(
                departmentID: department?.text ?? "", channel: channel, occasion: occasion,
                texts: texts.map { AutomaticReplyText(locale: $0.key, text: $0.value) }), etag: etag, of: tenant)
    }

    fileprivate func set(
        _ reply: ConversationsV1.AutomaticReply, etag: String = "", of tenant: Tenant
    ) async throws -> ConversationsV1.AutomaticReply {
        try await replies.setAutomaticReply(
            SetAutomaticReplyRequest(automaticReply: reply, requestID: UUID().text, etag: etag),
            by(tenant.operatorID, of: tenant, AutomaticRepliesServiceDescriptor.setAutomaticReply)
        ).automaticReply!
    }

    fileprivate func said(in id: String, of tenant: Tenant) async throws -> [ConversationsV1.Message] {
        try await service.listMessages(ListMessagesRequest(conversationID: id), by(tenant.operatorID, of: tenant)).messages
    }
}
