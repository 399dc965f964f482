import ConversationsV1
import Foundation
import ServiceRuntime
import Testing

@testable import Conversations

@Suite("request_id and etag")
struct RepetitionTests {
    @Test("guarantee 11: the same request_id and body gives the same answer and one effect; another body is refused")
    func requestIDs() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            let request = SendMessageRequest(conversationID: id, requestID: UUID().text, text: "once")
            let caller = inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.sendMessage)
            let first = try await inbox.service.sendMessage(request, caller)
            #expect(try await inbox.service.sendMessage(request, caller) == first)
            var other = request
            other.text = "twice"
            #expect(await reason { try await inbox.service.sendMessage(other, caller) } == "REQUEST_ID_REUSED")
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).lastSeq == 2)
            // Another person's request_id is another one.
            let byCleo = AddNoteRequest(conversationID: id, requestID: request.requestID, text: "mine")
            #expect(await reason { try await inbox.service.addNote(byCleo, inbox.by(tenant.cleo, of: tenant)) } == "OK")
        }
    }

    @Test("a change without a request_id, or with a malformed one, is refused")
    func requestIDIsRequired() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            for requestID in ["", "not-a-uuid"] {
                let request = AcceptRequest(conversationID: id, requestID: requestID)
                #expect(
                    await reason { try await inbox.service.accept(request, inbox.by(tenant.ana, of: tenant)) } == "INVALID_FIELD")
            }
            #expect(try await inbox.get(id, by: tenant.ana, of: tenant).state == .queued)
        }
    }

    @Test("a refusal is not kept: the same request succeeds once the state allows it")
    func refusalsAreNotKept() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let request = SetPendingRequest(conversationID: id, requestID: UUID().text)
            let caller = inbox.by(tenant.ana, of: tenant, ConversationsServiceDescriptor.setPending)
            #expect(await reason { try await inbox.service.setPending(request, caller) } == "TRANSITION_NOT_ALLOWED")
            _ = try await inbox.accept(id, by: tenant.ana, of: tenant)
            #expect(await reason { try await inbox.service.setPending(request, caller) } == "OK")
        }
    }

    @Test("a stale etag is refused, the present one passes")
    func etags() async throws {
        try await withInbox { inbox, tenant in
            let stale = try await inbox.customer("v1", of: tenant).conversation!
            let open = try await inbox.accept(stale.conversationID, by: tenant.ana, of: tenant)
            func close(_ etag: String) async throws -> CloseResponse {
                try await inbox.service.close(
                    CloseRequest(conversationID: open.conversationID, requestID: UUID().text, etag: etag),
                    inbox.by(tenant.ana, of: tenant))
            }
            #expect(await reason { try await close(stale.etag) } == "ETAG_MISMATCH")
            #expect(await reason { try await close("nonsense") } == "ETAG_MISMATCH")
            #expect(await reason { try await close(open.etag) } == "OK")
        }
    }

    @Test("C14: two takes of the same row: the second, with the etag of before, learns who was first")
    func C14_takeRace() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            let open = try await inbox.accept(id, by: tenant.ana, of: tenant)
            func take(_ agent: UUID) async throws -> TakeResponse {
                try await inbox.service.take(
                    TakeRequest(conversationID: id, requestID: UUID().text, etag: open.etag), inbox.by(agent, of: tenant))
            }
            #expect(await reason { try await take(tenant.cleo) } == "OK")
            #expect(await reason { try await take(tenant.operatorID) } == "ALREADY_TAKEN")
        }
    }
}
