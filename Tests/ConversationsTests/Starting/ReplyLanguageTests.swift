import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import Testing

@Suite("C45, C59: automatic replies, with contacts beside")
struct ReplyLanguageTests {
    @Test("C45, C59: a customer is replied to in the language that contacts has of him; who is no operator sets no reply")
    func C59_language() async throws {
        try await Desk.with { desk in
            func set(_ occasion: AutomaticReplyOccasion, _ english: String, _ portuguese: String, by person: Desk.Person)
                async throws
            {
                let reply = AutomaticReply(
                    channel: .whatsapp, occasion: occasion,
                    texts: [.init(text: english), .init(locale: "pt-BR", text: portuguese)])
                _ = try await desk.replies.setAutomaticReply(
                    SetAutomaticReplyRequest(automaticReply: reply, requestID: UUID().text), try await desk.by(person))
            }
            #expect(await told { try await set(.greeting, "a", "b", by: .ana) } == "PERMISSION_DENIED PERMISSION_DENIED")
            try await set(.greeting, "welcome", "bem-vindo", by: .operator_)
            try await set(.closed, "good bye", "até logo", by: .operator_)
            _ = try await desk.contact("5511911111111", locale: "pt-PT")
            for (number, said) in [("5511911111111", ["bem-vindo", "até logo"]), ("5511922222222", ["welcome", "good bye"])] {
                let id = try await desk.customer(number).conversationID
                _ = try await desk.conversations.close(
                    CloseRequest(conversationID: id, requestID: UUID().text), try await desk.by(.operator_))
                #expect(try await desk.messages(id).map(\.text) == ["hello"] + said)
            }
        }
    }
}
