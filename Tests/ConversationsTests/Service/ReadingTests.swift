import ConversationsV1
import Foundation
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("Reading: lists, counts, unread, previews, rights")
struct ReadingTests {
    @Test("S3: the queue is in the order of arrival, however arrivals were processed; S2 turns the view around")
    func S3_queueByArrival() async throws {
        try await withInbox { inbox, tenant in
            var arrived: [String] = []
            for n in [3, 1, 4, 0, 2] {
                arrived.append(try await inbox.customer("v\(n)", of: tenant).conversation!.conversationID)
                try inbox.advance(.seconds(60))
            }
            // A later message of the first moves it nowhere.
            try await inbox.customer("v3", of: tenant)
            #expect(try await inbox.list(.queue, by: tenant.ana, of: tenant).map(\.conversationID) == arrived)
            let newest = try await inbox.service.listConversations(
                ListConversationsRequest(view: .queue, orderBy: "arrival_time desc"), inbox.by(tenant.ana, of: tenant)
            ).conversations
            #expect(newest.map(\.conversationID) == arrived.reversed())
        }
    }

    @Test("AIP-158: pages join without gap or repetition, in both directions; a token is good for its own list only")
    func paging() async throws {
        try await withInbox { inbox, tenant in
            for n in 0..<11 {
                try await inbox.customer("v\(n)", of: tenant)
                if n % 3 == 0 { try inbox.advance(.seconds(1)) }
            }
            for order in ["arrival_time", "arrival_time desc", "start_time", "last_message_time desc"] {
                var (seen, token): ([String], String) = ([], "")
                repeat {
                    let page = try await inbox.service.listConversations(
                        ListConversationsRequest(view: .queue, orderBy: order, pageSize: 3, pageToken: token),
                        inbox.by(tenant.ana, of: tenant))
                    seen += page.conversations.map(\.conversationID)
                    token = page.nextPageToken
                } while !token.isEmpty
                #expect(seen.count == 11 && Set(seen).count == 11, "\(order)")
            }
            let first = try await inbox.service.listConversations(
                ListConversationsRequest(view: .queue, pageSize: 3), inbox.by(tenant.ana, of: tenant))
            let wrong = ListConversationsRequest(view: .open, pageSize: 3, pageToken: first.nextPageToken)
            #expect(
                await reason { try await inbox.service.listConversations(wrong, inbox.by(tenant.ana, of: tenant)) }
                    == "PAGE_TOKEN_INVALID")
            #expect(
                await reason {
                    try await inbox.service.listConversations(
                        ListConversationsRequest(orderBy: "text"), inbox.by(tenant.ana, of: tenant))
                } == "ORDER_BY_INVALID")
        }
    }

    @Test("C4, S9: each conversation is in one status list for each viewer, by the database as by the rule")
    func C4_viewsPerViewer() async throws {
        try await withInbox { inbox, tenant in
            let queued = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let open = try await inbox.customer("v2", of: tenant).conversation!.conversationID
            let paused = try await inbox.customer("v3", of: tenant).conversation!.conversationID
            let closed = try await inbox.customer("v4", of: tenant).conversation!.conversationID
            for id in [open, paused, closed] { _ = try await inbox.accept(id, by: tenant.ana, of: tenant) }
            _ = try await inbox.setPending(paused, by: tenant.ana, of: tenant)
            _ = try await inbox.close(closed, by: tenant.ana, of: tenant)
            let views: [(ConversationsV1.InboxView, [String])] = [
                (.queue, [queued]), (.open, [open]), (.pending, [paused]), (.closed, [closed]), (.expired, []), (.automated, []),
            ]
            for agent in [tenant.ana, tenant.cleo, tenant.admin] {
                for (view, expected) in views {
                    #expect(try await inbox.list(view, by: agent, of: tenant).map(\.conversationID) == expected, "\(view)")
                }
            }
            #expect(Set(try await inbox.list(.yours, by: tenant.ana, of: tenant).map(\.conversationID)) == [open, paused])
            #expect(try await inbox.list(.yours, by: tenant.cleo, of: tenant).isEmpty)
            let counts = try await inbox.service.countConversations(.init(), inbox.by(tenant.ana, of: tenant)).counts
            #expect(counts.map(\.view) == [.queue, .open, .pending, .expired, .automated, .closed, .yours])
            #expect(counts.map(\.count) == [1, 1, 1, 0, 0, 1, 2])
        }
    }

    @Test("C22: an agent lists and reads his departments; own ones stay his; a mention opens one; supervisors see all")
    func C22_scope() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(try await inbox.list(.queue, by: tenant.bob, of: tenant).isEmpty)
            #expect(await reason { try await inbox.get(id, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
            #expect(await reason { try await inbox.accept(id, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
            #expect(try await inbox.list(.queue, by: tenant.operatorID, of: tenant).count == 1)
            let note = AddNoteRequest(
                conversationID: id, requestID: UUID().text, text: "look", mentionedAgentIDs: [tenant.bob.text])
            _ = try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant))
            #expect(try await inbox.get(id, by: tenant.bob, of: tenant).conversationID == id)
            #expect(try await inbox.list(.queue, by: tenant.bob, of: tenant).count == 1)
            #expect(await reason { try await inbox.accept(id, by: tenant.bob, of: tenant) } == "OUT_OF_SCOPE")
        }
    }

    @Test("S13: looking changes nothing")
    func S13_previewHasNoSideEffect() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let before = try await inbox.get(id, by: tenant.ana, of: tenant)
            _ = try await inbox.service.listMessages(ListMessagesRequest(conversationID: id), inbox.by(tenant.ana, of: tenant))
            _ = try await inbox.service.canSend(CanSendRequest(conversationID: id), inbox.by(tenant.ana, of: tenant))
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant) == before)
        }
    }

    @Test("C19: unread counts behind the assignee's mark; others' reading, notes and labels move nothing")
    func C19_unread() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            try await inbox.customer("v1", of: tenant)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).unread == 2)
            func markRead(_ agent: UUID, _ seq: Int32 = 0) async throws -> ConversationsV1.Conversation {
                try await inbox.service.markRead(
                    MarkReadRequest(conversationID: id, requestID: UUID().text, upToSeq: seq), inbox.by(agent, of: tenant)
                ).conversation!
            }
            #expect(try await markRead(tenant.cleo).unread == 2)
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(try await markRead(tenant.ana, 1).unread == 1)
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "note")
            _ = try await inbox.service.addNote(note, inbox.by(tenant.cleo, of: tenant))
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).unread == 1)
            #expect(try await markRead(tenant.ana).unread == 0)
            try await inbox.customer("v1", of: tenant)
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).unread == 1)
            // An answer reads what its sender had seen, and no more.
            let answered = try await inbox.send("a", in: id, by: tenant.ana, of: tenant, afterSeq: 3).conversation!
            #expect(answered.unread == 1 && answered.waitingOn == .customer)
            #expect(try await inbox.send("b", in: id, by: tenant.ana, of: tenant).conversation?.unread == 0)
            #expect(await reason { try await markRead(tenant.ana, 99) } == "INVALID_FIELD")
        }
    }

    @Test("C25, S10: first and last line")
    func C25_lines() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", says: "first\nmore", of: tenant).conversation!.conversationID
            let answer = try await inbox.send("\n the answer", in: id, by: tenant.ana, of: tenant, accept: true).conversation!
            #expect(answer.firstLine == "first" && answer.lastLine == "the answer")
        }
    }

    @Test("tenant isolation: another tenant's ids are as unknown as none, for every step")
    func tenantsAreApart() async throws {
        try await withInbox { inbox, tenant in
            let other = Tenant(2)
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            #expect(try await inbox.list(.unspecified, by: other.admin, of: other).isEmpty)
            let caller = inbox.by(other.admin, of: other)
            let rid = UUID().text
            let attempts: [() async throws -> Any] = [
                { try await inbox.service.getConversation(.init(conversationID: id), caller) },
                { try await inbox.service.listMessages(.init(conversationID: id), caller) },
                { try await inbox.service.listHistory(.init(conversationID: id), caller) },
                { try await inbox.service.canSend(.init(conversationID: id), caller) },
                { try await inbox.service.accept(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.take(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.setPending(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.resume(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.close(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.markRead(.init(conversationID: id, requestID: rid), caller) },
                { try await inbox.service.addNote(.init(conversationID: id, requestID: rid, text: "x"), caller) },
                { try await inbox.service.sendMessage(.init(conversationID: id, requestID: rid, text: "x"), caller) },
                {
                    try await inbox.service.transfer(
                        .init(conversationID: id, requestID: rid, target: .departmentID(other.sales.text)), caller)
                },
            ]
            for attempt in attempts { #expect(await reason(attempt) == "CONVERSATION_NOT_FOUND") }
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).lastSeq == 1)
        }
    }
}
