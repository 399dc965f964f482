import ContactsV1
import ConversationsV1
import Foundation
import GRPC
import Testing

@Suite("C62: search as a desk reaches it")
struct SearchOverNetworkTests {
    @Test("C62: over gRPC, with the contact's own name from contacts; a stranger's token and an empty query are refused")
    func C62_overGRPC() async throws {
        try await Desk.with { desk in
            let mine = try await desk.customer("5511987654321", says: "Meu reembolso não chegou")
            try await desk.customer("5511900000000", says: "Bom dia")
            func found(_ query: String) async throws -> [String] {
                try await desk.conversations.searchConversations(
                    SearchConversationsRequest(query: query), try await desk.by(.ana)
                ).hits.compactMap(\.conversation?.conversationID)
            }
            #expect(try await found("reembolso nao") == [mine.conversationID])
            #expect(try await found("87654321") == [mine.conversationID])
            let contact = try #require(
                try await desk.contacts.getContact(GetContactRequest(contactID: mine.contactID), try await desk.by(.ana)).contact)
            _ = try await desk.contacts.updateContact(
                UpdateContactRequest(
                    contact: Contact(contactID: mine.contactID, displayName: "Íris Gonçalves", etag: contact.etag),
                    updateMask: .init(paths: ["display_name"]), requestID: UUID().text), try await desk.by(.ana))
            try await desk.settle()
            #expect(try await found("iris goncalves") == [mine.conversationID])
            #expect(try await found("iris -reembolso").isEmpty)

            #expect(await told { try await found("") } == "INVALID_ARGUMENT INVALID_FIELD query")
            let bare = await told {
                try await desk.conversations.searchConversations(SearchConversationsRequest(query: "x"))
            }
            #expect(bare == "UNAUTHENTICATED UNAUTHENTICATED")
        }
    }

    @Test("C62: over HTTP: GET /v1/conversations:search answers hits with excerpts; a query that asks for nothing is a problem")
    func C62_overHTTP() async throws {
        try await Desk.with { desk in
            try await desk.withGateway { edge in
                let mine = try await desk.customer("5511987654321", says: "Meu reembolso não chegou")
                let found = try await edge.get("/v1/conversations:search?query=nao%20chegou&states=CONVERSATION_STATE_QUEUED")
                #expect(found.status == 200, "\(found.json)")
                let hits = try #require(found.json["hits"] as? [[String: Any]])
                let hit = try #require(hits.first)
                #expect(
                    hits.count == 1
                        && (hit["conversation"] as? [String: Any])?["conversationId"] as? String == mine.conversationID)
                #expect(
                    hit["excerpt"] as? String == "Meu reembolso não chegou" && hit["highlights"] as? [Int] == [14, 17, 18, 24])
                let none = try await edge.get("/v1/conversations:search?query=nao%20chegou&states=CONVERSATION_STATE_CLOSED")
                #expect(none.status == 200 && (none.json["hits"] as? [Any])?.isEmpty ?? true, "\(none.json)")
                let wrong = try await edge.get("/v1/conversations:search?query=-x")
                #expect(wrong.status == 400 && wrong.text("reason") == "INVALID_FIELD", "\(wrong.json)")
            }
        }
    }
}
