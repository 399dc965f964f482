import ConversationsV1
import Foundation
import Testing

@Suite("S35, S39: the same over JSON at the edge")
struct StartOverHTTPTests {
    @Test("S35, S36, S39, C29: starting and resuming over HTTP: what is created, and refusals that name the field")
    func S35_overHTTP() async throws {
        try await Desk.with { desk in
            try await desk.withGateway { edge in
                let (template, contact) = (try await desk.template(), try await desk.contact())
                let gallery = try await edge.get(
                    "/v1/templates?channelAccountId=\(Desk.Account.whatsapp.id)&sendableOnly=true")
                #expect(gallery.status == 200 && (gallery.json["templates"] as? [Any])?.count == 1, "\(gallery.json)")
                func body(_ values: String) -> String {
                    """
                    {"channelAccountId": "\(Desk.Account.whatsapp.id)", "contactId": "\(contact)", "autoCloseAfter": "3600s",
                     "template": {"templateId": "\(template)", "variables": {\(values)}}}
                    """
                }
                let wrong = try await edge.post("/v1/conversations:start", body(#""1": "Ana""#))
                #expect(wrong.status == 400 && wrong.text("reason") == "TEMPLATE_PARAM_MISMATCH", "\(wrong.json)")
                let field = (wrong.json["violations"] as? [[String: Any]])?.first?["field"] as? String
                #expect(field == "template.variables[2]", "\(wrong.json)")

                // What the header of a template takes has no conversation yet.
                let account = Desk.Account.whatsapp.id
                let file = try await edge.upload("/v1/channelAccounts/\(account)/attachments", "hello")
                #expect(file.status == 201 && !file.text("attachmentId").isEmpty, "\(file.json)")
                let nowhere = try await edge.upload("/v1/channelAccounts/\(UUID().text)/attachments", "hello")
                #expect(nowhere.status == 404 && nowhere.text("reason") == "CHANNEL_ACCOUNT_NOT_FOUND")

                let key = UUID().uuidString
                let started = try await edge.post("/v1/conversations:start", body(#""1": "Ana", "2": "A-1""#), key: key)
                #expect([200, 201].contains(started.status), "\(started.json)")
                #expect(started.text("stateReason") == "CONVERSATION_STATE_REASON_AWAITING_REPLY")
                let again = try await edge.post("/v1/conversations:start", body(#""1": "Ana", "2": "A-1""#), key: key)
                let id = started.text("conversationId")
                #expect(again.text("conversationId") == id && !id.isEmpty)

                let message = try #require(try await desk.messages(id).last)
                try await desk.report(message.messageID, .failed, reason: "131026")
                let closed = try await edge.post(
                    "/v1/conversations/\(id):resumeByTemplate", #"{"template": {"templateId": "\#(template)"}}"#)
                // The values are judged first, then the state.
                #expect(closed.status == 400 && closed.text("reason") == "TEMPLATE_PARAM_MISMATCH", "\(closed.json)")

                let expired = try await desk.expired()
                let use = #"{"template": {"templateId": "\#(template)", "variables": {"1": "Ana", "2": "A-1"}}}"#
                let resumed = try await edge.post("/v1/conversations/\(expired):resumeByTemplate", use)
                #expect(resumed.status == 200 && resumed.text("state") == "CONVERSATION_STATE_PENDING", "\(resumed.json)")
                let text = try await edge.post("/v1/conversations/\(expired)/messages", #"{"text": "hi"}"#)
                #expect(text.status == 400 && text.text("reason") == "AWAITING_REPLY", "\(text.json)")
            }
        }
    }
}
