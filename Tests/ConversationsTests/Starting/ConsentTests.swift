import ContactsV1
import ConversationsV1
import Foundation
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Testing
import WallTime

@Suite("Consent: who does not want advertising is not sent it")
struct ConsentTests {
    @Test(
        "a marketing template is refused to who withdrew, declined, or whose consent lapsed; others go out, and so does news of an order"
    )
    func marketing() async throws {
        try await Desk.with { desk in
            let news = try await desk.template("summer_sale", text: "Hi {{1}}, see {{2}} now.", category: .marketing)
            let update = try await desk.template()
            func say(_ state: ConsentState, of contact: String, kind: IdentityKind = .unspecified, lapses: Swift.Duration? = nil)
                async throws
            {
                try desk.advance(by: .seconds(1))
                var consent = Consent(purpose: "marketing", identityKind: kind, state: state, source: .agent)
                consent.expireTime = lapses.map { Timestamp(desk.clock.now.advanced(by: $0)) }
                _ = try await desk.privacy.recordConsent(
                    RecordConsentRequest(contactID: contact, consent: consent, requestID: UUID().text), try await desk.by(.ana))
            }
            func refused(_ contact: String, _ template: String) async -> String {
                await told { try await desk.start(contact, template) }
            }
            let silent = try await desk.contact("5511900000001")
            #expect(await refused(silent, news) == "")
            let contact = try await desk.contact("5511900000002")
            try await say(.granted, of: contact)
            try await say(.withdrawn, of: contact)
            #expect(await refused(contact, news) == "FAILED_PRECONDITION CONSENT_MISSING")
            // Nothing was begun, so that what is allowed can be.
            #expect(try await desk.count(of: .pending) == 1)
            let begun = try await desk.start(contact, update).conversation
            // The conversation is there: advertising is refused in it as well.
            #expect(
                await told { try await desk.resume(begun.conversationID, news) } == "FAILED_PRECONDITION CONSENT_MISSING")
            #expect(
                await told { try await desk.send(begun.conversationID, template: news) }
                    .hasSuffix("CONSENT_MISSING"))
            // What is said of e-mail says nothing of WhatsApp; the newest word counts.
            let third = try await desk.contact("5511900000003")
            try await say(.denied, of: third, kind: .email)
            try await say(.granted, of: third, lapses: .seconds(3_600))
            #expect(await refused(third, news) == "")
            let fourth = try await desk.contact("5511900000004")
            try await say(.granted, of: fourth, lapses: .seconds(60))
            try desk.advance(by: .seconds(60))
            do {
                _ = try await desk.start(fourth, news)
                Issue.record("a lapsed consent let it through")
            } catch let error as RPCError {
                #expect(error.reason == "CONSENT_MISSING" && error.message.contains("lapsed"))
            }
            try await say(.granted, of: fourth)
            #expect(await refused(fourth, news) == "")
        }
    }
}
