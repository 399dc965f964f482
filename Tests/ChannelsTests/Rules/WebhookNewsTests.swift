import ContactsV1
import ConversationsV1
import Foundation
import GoogleProtobuf
import ServiceRuntime
import TemplatesV1
import Testing
import TicketsV1
import WallTime

@testable import Channels

@Suite("G12: what integrators are told")
struct WebhookNewsTests {
    private let id = UUID.v7(at: .now).text
    private let time = Timestamp(Instant(seconds: 1_790_000_000))

    private func body(_ event: WebhookEvent?) throws -> [String: Any] {
        let event = try #require(event)
        return try #require(try JSONSerialization.jsonObject(with: Data(event.body.utf8)) as? [String: Any])
    }

    @Test("events of the four services have types, ids that never meet, and bodies without a word of anybody's")
    func fourServices() throws {
        let conversation = WebhookEvent(
            ConversationEvent(
                kind: .messageAdded, conversationID: id, tenantID: id, occurTime: time, stateAfter: .open,
                conversation: .init(customerAddress: "ana@example.org", customerName: "Ana", firstLine: "hello"),
                message: .init(messageID: id, seq: 7, direction: .outbound, kind: .text, text: "hello"), eventID: "7-1"))
        let contact = WebhookEvent(
            ContactEvent(
                tenantID: id, kind: .merged, contactID: id, eventTime: time, survivingContactID: id, mergeID: id,
                contact: .init(displayName: "Ana"), eventID: "7-1"))
        let ticket = WebhookEvent(
            TicketEvent(
                kind: .statusChanged, ticketID: id, tenantID: id, occurTime: time, statusBefore: .open, statusAfter: .resolved,
                ticket: .init(subject: "hello"), eventID: "7-1"))
        let template = WebhookEvent(
            TemplateEvent(
                tenantID: id, kind: .statusChanged, templateID: id, eventTime: time, statusBefore: .pending,
                statusAfter: .approved,
                revision: 2, template: .init(name: "hello"), eventID: "7-1"))
        let all = [conversation, contact, ticket, template].compactMap(\.self)
        #expect(
            all.map(\.type) == [
                "conversation.message_added", "contact.merged", "ticket.status_changed", "template.status_changed",
            ])
        #expect(Set(all.map(\.id)).count == 4)
        for event in all {
            let body = try body(event)
            #expect(Set(body.keys) == ["id", "type", "tenantId", "time", "data"] && body["id"] as? String == event.id)
            #expect(!event.body.contains("Ana") && !event.body.contains("hello") && !event.body.contains("ana@"))
        }
        let data = try #require(try body(ticket)["data"] as? [String: Any])
        #expect(
            data["statusBefore"] as? String == "TICKET_STATUS_OPEN" && data["status"] as? String == "TICKET_STATUS_RESOLVED")
    }

    @Test("what is for one user alone, or the agents' own, is told nobody; every other kind has a type")
    func types() {
        #expect(WebhookEvent(ConversationEvent(kind: .notified, conversationID: id, occurTime: time)) == nil)
        #expect(WebhookEvent(TemplateEvent(kind: .snippetCreated, snippetID: id, eventTime: time)) == nil)
        #expect(WebhookNews.types.contains("conversation.closed") && WebhookNews.types.contains("ticket.breached"))
        #expect(WebhookNews.types.count == 14 + 7 + 14 + 7)
        #expect(WebhookNews.types.allSatisfy { $0.utf8.count <= WebhookNews.typeLengthMax })
        #expect(WebhookNews.isType("*") && !WebhookNews.isType("conversation.notified") && !WebhookNews.isType(""))
    }
}
