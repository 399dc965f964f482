import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

@Suite("S37, S38, S39, S40, C1, C2: reply windows, and resuming after them, with the templates service beside")
struct ResumeByTemplateTests {
    @Test(
        "S38, S37, C1, C2: the window is 24 h from what the contact wrote, by the provider's time, on all three channels alike",
        arguments: [Desk.Account.whatsapp, .facebook, .instagram])
    func S38_window(_ account: Desk.Account) async throws {
        try await Desk.with { desk in
            // Written an hour before it came.
            let written = desk.clock.now.advanced(by: .seconds(-3_600))
            let address = "5511987654321"
            let id = try await desk.customer(address, to: account, at: written).conversationID
            let expires = written.advanced(by: .seconds(86_400))
            func window() async throws -> Instant? { try await desk.get(id).replyWindowExpireTime.map(Instant.init) }
            #expect(try await window() == expires)
            // What we send never moves it, a template no more than text (C1).
            _ = try await desk.send(id, text: "hi", accept: true)
            if account == .whatsapp { _ = try await desk.send(id, template: try await desk.template()) }
            #expect(try await window() == expires)
            // An older message that comes late does not shorten it; a time to come is the receipt's (C2).
            try await desk.customer(address, to: account, at: written.advanced(by: .seconds(-60)))
            #expect(try await window() == expires)
            try await desk.customer(address, to: account, at: desk.clock.now.advanced(by: .seconds(9_999)))
            let last = desk.clock.now.advanced(by: .seconds(86_400))
            #expect(try await window() == last)
            // Open up to the last moment, shut at it.
            try desk.clock.set(last.advanced(by: .milliseconds(-1)))
            #expect(try await desk.canSend(id).allowed)
            _ = try await desk.send(id, text: "still here")
            try desk.clock.set(last)
            #expect(try await desk.canSend(id).reason == "REPLY_WINDOW_CLOSED")
            #expect(await told { try await desk.send(id, text: "too late") } == "FAILED_PRECONDITION REPLY_WINDOW_CLOSED")
            try await desk.settle()
            let expired = try await desk.get(id)
            #expect(expired.state == .expired && expired.stateReason == .window && expired.inactive)
        }
    }

    @Test("S39, S37, C1: resumed by template, locked until the contact writes again, and then open for 24 h of his time")
    func S39_resume() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            let id = try await desk.expired()
            #expect(await told { try await desk.send(id, text: "hi") } == "FAILED_PRECONDITION REPLY_WINDOW_CLOSED")
            #expect(await told { try await desk.send(id, template: template) } == "FAILED_PRECONDITION REPLY_WINDOW_CLOSED")
            let resumed = try await desk.resume(id, template)
            #expect(resumed.state == .pending && resumed.stateReason == .awaitingReply && resumed.assigneeName == "Ana")
            // The template opens no window (C1).
            #expect(resumed.replyWindowExpireTime.map { Instant($0) <= desk.clock.now } != false)
            #expect(try await desk.messages(id).last?.text == "Hi Ana, order A-1 shipped.")
            #expect(await told { try await desk.send(id, text: "hi") } == "FAILED_PRECONDITION AWAITING_REPLY")
            let unlocked = try await desk.customer()
            #expect(unlocked.conversationID == id && unlocked.state == .open)
            #expect(
                try await desk.get(id).replyWindowExpireTime.map(Instant.init)
                    == desk.clock.now.advanced(by: .seconds(86_400)))
            #expect(try await desk.send(id, text: "hi again").kind == .text)
            // An open one is not resumed.
            #expect(await told { try await desk.resume(id, template) } == "FAILED_PRECONDITION TRANSITION_NOT_ALLOWED")
        }
    }

    @Test("S40: Instagram and Messenger cannot be resumed by the business; the contact's own message brings them back")
    func S40_resume() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            for account in [Desk.Account.instagram, .facebook] {
                let id = try await desk.expired("igsid-1", on: account)
                #expect(await told { try await desk.resume(id, template) } == "FAILED_PRECONDITION RESUME_NOT_ALLOWED")
                #expect(
                    await told { try await desk.send(id, template: template) }
                        == "FAILED_PRECONDITION MESSAGE_KIND_NOT_ALLOWED")
                #expect(try await desk.canSend(id).templateAllowed == false)
                let back = try await desk.customer("igsid-1", to: account)
                #expect(back.conversationID == id && back.state == .queued)
                #expect(try await desk.send(id, text: "hi", accept: true).kind == .text)
            }
        }
    }

    @Test("C29: a wrong template resumes nothing: the conversation stays as it is, and the field is named")
    func C29_refused() async throws {
        try await Desk.with { desk in
            let (approved, rejected) = (try await desk.template(), try await desk.template("no", verdict: .rejected))
            let elsewhere = try await desk.template("elsewhere", of: .otherWhatsapp)
            let id = try await desk.expired()
            let before = try await desk.get(id)
            #expect(
                await told { try await desk.resume(id, rejected) }
                    == "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED template.template_id")
            #expect(
                await told { try await desk.resume(id, elsewhere) }
                    == "FAILED_PRECONDITION TEMPLATE_ACCOUNT_MISMATCH template.template_id")
            #expect(
                await told { try await desk.resume(id, approved, ["1": "Ana"]) }
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH template.variables[2]")
            #expect(
                await told { try await desk.resume(UUID().text, approved) } == "NOT_FOUND CONVERSATION_NOT_FOUND")
            #expect(try await desk.get(id) == before)
        }
    }

    @Test(
        "C37, C23: 24 h after its acceptance without a reply it expires again, with a time its sender gave it closes; failing, too"
    )
    func C37_unanswered() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            let id = try await desk.expired()
            func lastMessage() async throws -> String { try #require(try await desk.messages(id).last?.messageID) }
            _ = try await desk.resume(id, template)
            try await desk.report(try await lastMessage(), .sent)
            try desk.advance(by: .seconds(86_399))
            try await desk.settle()
            #expect(try await desk.get(id).state == .pending)
            try desk.advance(by: .seconds(1))
            try await desk.settle()
            #expect(try await desk.get(id).state == .expired)

            _ = try await desk.resume(id, template)
            try await desk.report(try await lastMessage(), .failed, reason: "131049")
            let expired = try await desk.get(id)
            #expect(expired.state == .expired && expired.stateReason == .window)

            _ = try await desk.resume(id, template, patience: .seconds(60))
            try await desk.report(try await lastMessage(), .sent)
            try desk.advance(by: .seconds(60))
            try await desk.settle()
            let closed = try await desk.get(id)
            #expect(closed.state == .closed && closed.stateReason == .noReply)
            #expect(await told { try await desk.resume(id, template) } == "FAILED_PRECONDITION CONVERSATION_CLOSED")
        }
    }

    @Test(
        "C37: another template while awaiting is its assignee's to send and restarts the clock; news of the first one counts no more"
    )
    func C37_another() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            let (started, first) = try await desk.start(try await desk.contact(), template, patience: .seconds(3_600))
            let id = started.conversationID
            try await desk.report(first.messageID, .sent)
            #expect(await told { try await desk.resume(id, template, by: .bob) } == "PERMISSION_DENIED NOT_YOURS")
            try desk.advance(by: .seconds(3_000))
            let again = try await desk.resume(id, template, patience: .seconds(3_600))
            #expect(again.state == .pending && again.autoCloseTime == nil)
            let second = try #require(try await desk.messages(id).last)
            try desk.advance(by: .seconds(3_000))
            try await desk.report(second.messageID, .sent)
            // The first one turns out to have failed: the second one is awaited.
            try await desk.report(first.messageID, .failed)
            try await desk.settle()
            let awaiting = try await desk.get(id)
            #expect(awaiting.state == .pending)
            #expect(awaiting.autoCloseTime.map(Instant.init) == desk.clock.now.advanced(by: .seconds(3_600)))
            #expect(try await desk.resume(id, template, by: .operator_).state == .pending)
        }
    }

    @Test("C48, guarantee 11: a resumption that is repeated sends one template, also when it has been paused since")
    func C48_repeated() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            let id = try await desk.expired()
            let request = ResumeByTemplateRequest(
                conversationID: id, requestID: UUID().text, template: TemplateUse(templateID: template, variables: Desk.values))
            let first = try await desk.conversations.resumeByTemplate(request, try await desk.by(.ana))
            try await desk.reportTemplate(template, .disabled)
            #expect(try await desk.conversations.resumeByTemplate(request, try await desk.by(.ana)) == first)
            #expect(try await desk.messages(id).filter { $0.kind == .template }.count == 1)
        }
    }

    @Test("C48: a template inside the window is a message like others; one that failed goes out again only while it is approved")
    func C48_insideTheWindow() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            let id = try await desk.customer().conversationID
            _ = try await desk.send(id, text: "hi", accept: true)
            #expect(
                await told { try await desk.send(id, template: UUID().text) }
                    == "NOT_FOUND TEMPLATE_NOT_FOUND content.template.template_id")
            let message = try await desk.send(id, template: template)
            #expect(message.text == "Hi Ana, order A-1 shipped.")
            #expect(try await desk.get(id).state == .open)
            try await desk.report(message.messageID, .failed, reason: "132015")
            func again() async throws -> ConversationsV1.Message? {
                try await desk.conversations.retryMessage(
                    RetryMessageRequest(conversationID: id, messageID: message.messageID, requestID: UUID().text),
                    try await desk.by(.ana)
                ).message
            }
            try await desk.reportTemplate(template, .paused)
            #expect(
                await told { try await again() } == "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED message_id.template_id")
            try await desk.reportTemplate(template, .reinstated)
            let retried = try await again()
            #expect(retried?.text == message.text && retried?.kind == .template)
            #expect(await told { try await again() } == "FAILED_PRECONDITION TRANSITION_NOT_ALLOWED")
        }
    }
}

extension Desk {
    /// A customer's conversation, answered by Ana, whose window passed.
    func expired(_ address: String = "5511987654321", on account: Account = .whatsapp) async throws -> String {
        let id = try await customer(address, to: account).conversationID
        _ = try await send(id, text: "hi", accept: true)
        try advance(by: .seconds(86_400))
        try await settle()
        #expect(try await get(id).state == .expired)
        return id
    }
}
