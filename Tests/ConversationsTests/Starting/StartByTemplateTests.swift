import ContactsV1
import ConversationsV1
import Foundation
import GRPC
import ServiceRuntime
import TemplatesV1
import Testing
import WallTime

@Suite("S35, S36, C23, C29, C37: business starts, with the templates service beside")
struct StartByTemplateTests {
    @Test("S35, S37, S47: on WhatsApp the business begins with an approved template of the gallery, and awaits the reply")
    func S35_start() async throws {
        try await Desk.with { desk in
            let approved = try await desk.template()
            _ = try await desk.template("draft", verdict: nil)
            _ = try await desk.template("elsewhere", of: .otherWhatsapp)
            // What an agent chooses from: what can be sent from this account now.
            let gallery = try await desk.templates.listTemplates(
                ListTemplatesRequest(channelAccountID: Desk.Account.whatsapp.id, sendableOnly: true), try await desk.by(.ana))
            #expect(gallery.templates.map(\.templateID) == [approved])
            #expect(gallery.templates.first?.variables.map(\.key) == ["1", "2"])

            let contact = try await desk.contact()
            #expect(await told { try await desk.start(contact, nil, text: "hello") } == "FAILED_PRECONDITION TEMPLATE_REQUIRED")
            let (conversation, message) = try await desk.start(contact, approved)
            #expect(conversation.state == .pending && conversation.stateReason == .awaitingReply)
            #expect(conversation.assigneeName == "Ana" && conversation.replyWindowExpireTime == nil)
            #expect(message.kind == .template && message.text == "Hi Ana, order A-1 shipped.")
            guard case .template(let use)? = message.content?.content else { throw CancellationError() }
            #expect(use == TemplateUse(templateID: approved, language: "en-US", variables: Desk.values))
            // C23: the clock starts when the provider took it, not before.
            #expect(conversation.autoCloseTime == nil)
            let id = conversation.conversationID
            let may = try await desk.canSend(id)
            #expect(!may.allowed && may.reason == "AWAITING_REPLY" && may.templateAllowed)
            #expect(await told { try await desk.send(id, text: "hi") } == "FAILED_PRECONDITION AWAITING_REPLY")
            #expect(await told { try await desk.start(contact, approved, by: .bob) } == "ALREADY_EXISTS CONVERSATION_EXISTS")
            #expect(try await desk.messages(id).count == 1)
        }
    }

    @Test(
        "S35: whom the business has by telephone number alone is reached on WhatsApp; his answer comes into the same conversation"
    )
    func S35_byNumber() async throws {
        try await Desk.with { desk in
            let (template, contact) = (try await desk.template(), try await desk.contact("+5511912345678", .phone))
            var request = desk.startRequest(contact, template)
            request.address = "+5511900000000"
            #expect(
                await told { try await desk.conversations.startConversation(request, try await desk.by(.ana)) }
                    == "INVALID_ARGUMENT INVALID_FIELD address")
            request.address = "+5511912345678"
            request.requestID = UUID().text
            let started = try await desk.conversations.startConversation(request, try await desk.by(.ana)).conversation
            #expect(started?.customerAddress == "5511912345678")
            let answered = try await desk.customer("5511912345678")
            #expect(answered.conversationID == started?.conversationID && answered.state == .open)
            #expect(answered.contactID == contact)
        }
    }

    @Test("C29: what no provider would take is refused with the field of the request, before anything is stored")
    func C29_refused() async throws {
        try await Desk.with { desk in
            let (approved, draft) = (try await desk.template(), try await desk.template("draft", verdict: nil))
            let elsewhere = try await desk.template("elsewhere", of: .otherWhatsapp)
            let contact = try await desk.contact()
            func refused(
                _ template: String, _ values: [String: String] = Desk.values, language: String = "",
                patience: Swift.Duration? = nil
            ) async -> String {
                await told { try await desk.start(contact, template, values, language: language, patience: patience) }
            }
            #expect(await refused(draft) == "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED template.template_id")
            #expect(await refused(elsewhere) == "FAILED_PRECONDITION TEMPLATE_ACCOUNT_MISMATCH template.template_id")
            #expect(await refused(UUID().text) == "NOT_FOUND TEMPLATE_NOT_FOUND template.template_id")
            #expect(await refused("nonsense") == "INVALID_ARGUMENT INVALID_FIELD template.template_id")
            #expect(
                await refused(approved, ["1": "Ana", "header.1": "x"])
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH template.variables[2] template.variables[header.1]")
            #expect(
                await refused(approved, ["1": "", "2": "two\nlines"])
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH template.variables[1] template.variables[2]")
            #expect(
                await refused(approved, language: "fr")
                    == "FAILED_PRECONDITION TEMPLATE_LANGUAGE_UNAVAILABLE template.language")
            #expect(await refused(approved, language: "no language") == "INVALID_ARGUMENT INVALID_FIELD template.language")
            #expect(
                await refused(approved, language: String(repeating: "x", count: 36))
                    == "INVALID_ARGUMENT INVALID_FIELD template.language")
            #expect(
                await refused(approved, ["1": String(repeating: "x", count: 70_000), "2": "x"])
                    == "INVALID_ARGUMENT INVALID_FIELD template")
            // C23: 1 min to 30 d.
            for patience in [Swift.Duration.seconds(59), .seconds(30 * 86_400 + 1)] {
                #expect(await refused(approved, patience: patience) == "INVALID_ARGUMENT INVALID_FIELD auto_close_after")
            }
            do {
                _ = try await desk.start(contact, approved, ["1": "Ana"])
            } catch let error as RPCError {
                // The component and the variable, for who reads it.
                #expect(error.wrongFields.first?.description.contains("body variable 2") == true)
                #expect(error.wrongFields.first?.reason == "VALUE_MISSING")
            }
            do {
                _ = try await desk.start(contact, draft)
            } catch let error as RPCError {
                #expect(error.reasonMetadata == ["template_id": draft, "status": "draft"])
            }
            #expect(try await desk.count(of: .pending) == 0)
            // Paused by its provider, it is no choice any more; reinstated, it is.
            try await desk.reportTemplate(approved, .paused)
            #expect(await refused(approved) == "FAILED_PRECONDITION TEMPLATE_NOT_APPROVED template.template_id")
            try await desk.reportTemplate(approved, .reinstated)
            #expect(await refused(approved) == "")
        }
    }

    @Test("S35, S32: a template with a picture goes out with one, and with a place in its header with that; nothing else fits")
    func S35_header() async throws {
        try await Desk.with { desk in
            let picture = try await desk.template("picture", header: .image)
            let place = try await desk.template("place", header: .location)
            let contact = try await desk.contact()
            func start(
                _ template: String, file: String = "", at place: Location? = nil
            ) async throws -> StartConversationResponse {
                var request = desk.startRequest(contact, template)
                request.template?.headerAttachmentID = file
                request.template?.headerPlace = place
                return try await desk.conversations.startConversation(request, try await desk.by(.ana))
            }
            let png: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]
            #expect(
                await told { try await start(picture) }
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH template.header_attachment_id")
            #expect(await told { try await start(picture, file: UUID().text) } == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            let bobs = try await desk.upload(png, "image/png", by: .bob)
            #expect(await told { try await start(picture, file: bobs) } == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            let elsewhere = try await desk.upload(png, "image/png", for: .otherWhatsapp)
            #expect(await told { try await start(picture, file: elsewhere) } == "NOT_FOUND ATTACHMENT_NOT_FOUND")
            let document = try await desk.upload(Array("%PDF-1.7".utf8), "application/pdf")
            #expect(
                await told { try await start(picture, file: document) }
                    == "INVALID_ARGUMENT ATTACHMENT_TYPE_NOT_ALLOWED attachment")
            #expect(
                await told { try await start(place, file: document) }
                    == "INVALID_ARGUMENT TEMPLATE_PARAM_MISMATCH template.header_attachment_id template.header_place")
            var shop = Location(latitude: -23.5, longitude: -46.6, displayName: "Shop")
            #expect(
                await told { try await start(place, at: shop) }
                    == "INVALID_ARGUMENT INVALID_FIELD template.header_place.postal_address")
            #expect(try await desk.count(of: .pending) == 0)

            let file = try await desk.upload(png, "image/png")
            let started = try await start(picture, file: file)
            #expect(started.message?.attachments.map(\.attachmentID) == [file])
            let id = try #require(started.conversation?.conversationID)
            #expect(try await desk.messages(id).first?.attachments.first?.conversationID == id)
            shop.postalAddress = "Rua 1"
            var again = ResumeByTemplateRequest(
                conversationID: id, requestID: UUID().text, template: TemplateUse(templateID: place, variables: Desk.values))
            again.template?.headerPlace = shop
            _ = try await desk.conversations.resumeByTemplate(again, try await desk.by(.ana))
            guard case .template(let use)? = try await desk.messages(id).last?.content?.content else {
                throw CancellationError()
            }
            #expect(use.headerPlace == shop)
        }
    }

    @Test("C37, guarantee 11: a repeated start is one conversation and one message, whatever became of its template meanwhile")
    func C37_repeated() async throws {
        try await Desk.with { desk in
            let (template, contact) = (try await desk.template(), try await desk.contact())
            let request = desk.startRequest(contact, template)
            let options = try await desk.by(.ana)
            // Twice at once: one is carried out; the other gets its answer, or is told that it is under way.
            async let one = told { try await desk.conversations.startConversation(request, options) }
            async let two = told { try await desk.conversations.startConversation(request, options) }
            #expect([await one, await two].filter { $0 != "" && $0 != "ABORTED REQUEST_IN_FLIGHT" } == [])
            let first = try await desk.conversations.startConversation(request, options)
            try await desk.reportTemplate(template, .paused)
            let again = try await desk.conversations.startConversation(request, try await desk.by(.ana))
            #expect(again == first)
            #expect(try await desk.messages(try #require(first.conversation?.conversationID)).count == 1)
            #expect(try await desk.count(of: .pending) == 1)
            var other = request
            other.template?.variables["2"] = "A-2"
            #expect(
                await told { try await desk.conversations.startConversation(other, try await desk.by(.ana)) }
                    == "FAILED_PRECONDITION REQUEST_ID_REUSED")
        }
    }

    @Test("C37: while templates is away a start is refused and nothing is stored; the rest of the desk works")
    func C37_templatesAway() async throws {
        try await Desk.with(templates: false) { desk in
            let (template, contact) = (try await desk.template(), try await desk.contact())
            // A client that does not try again by itself.
            var configuration = ChannelConfiguration()
            configuration.retry.attemptsMax = 1
            let channel = GRPC.Channel(
                addresses: [desk.addresses["conversations"]!.address], configuration: configuration)
            do {
                _ = try await ConversationsServiceClient(channel).startConversation(
                    desk.startRequest(contact, template), try await desk.by(.ana))
                Issue.record("templates was reached")
            } catch let error as RPCError {
                #expect(error.code == .unavailable && error.reason == "DEPENDENCY_UNAVAILABLE")
                #expect(error.reasonMetadata == ["service": "templates"])
            }
            await channel.close()
            #expect(try await desk.count(of: .pending) == 0)
            let id = try await desk.customer().conversationID
            #expect(try await desk.send(id, text: "hi", accept: true).kind == .text)
        }
    }

    @Test("C59, C29: a template goes out in the contact's language, else as it was chosen; in another one only if that is there")
    func C59_language() async throws {
        try await Desk.with { desk in
            let english = try await desk.template()
            let portuguese = try await desk.template("order_update", "pt_BR", text: "Oi {{1}}, pedido {{2}} enviado.")
            func said(_ number: String, _ locale: String, language: String = "") async throws -> [String] {
                let contact = try await desk.contact("55119876543\(number)", locale: locale)
                let message = try await desk.start(contact, english, language: language).message
                guard case .template(let use)? = message.content?.content else { return [] }
                return [message.text, use.language, use.templateID]
            }
            let (oi, hi) = ("Oi Ana, pedido A-1 enviado.", "Hi Ana, order A-1 shipped.")
            #expect(try await said("01", "pt-PT") == [oi, "pt-BR", portuguese])
            #expect(try await said("02", "en-GB") == [hi, "en-US", english])
            #expect(try await said("03", "fr") == [hi, "en-US", english])
            #expect(try await said("04", "") == [hi, "en-US", english])
            #expect(try await said("05", "fr", language: "pt-BR") == [oi, "pt-BR", portuguese])
            #expect(
                await told { try await said("06", "pt-BR", language: "fr") }
                    == "FAILED_PRECONDITION TEMPLATE_LANGUAGE_UNAVAILABLE template.language")
        }
    }

    @Test("S36, C23: the time its sender gave runs from the provider's acceptance on: closed, once; any reply cancels it")
    func S36_autoClose() async throws {
        try await Desk.with { desk in
            let (template, contact) = (try await desk.template(), try await desk.contact())
            let (started, message) = try await desk.start(contact, template, patience: .seconds(3_600))
            let id = started.conversationID
            // Nothing was accepted yet: nothing runs.
            try desk.advance(by: .seconds(7_200))
            try await desk.settle()
            #expect(try await desk.get(id).state == .pending)
            try await desk.report(message.messageID, .sent)
            let closes = Instant(try #require(try await desk.get(id).autoCloseTime))
            #expect(closes == desk.clock.now.advanced(by: .seconds(3_600)))
            // Delivered and read move nothing.
            try desk.advance(by: .seconds(60))
            try await desk.report(message.messageID, .delivered)
            try await desk.report(message.messageID, .read)
            try desk.clock.set(closes.advanced(by: .milliseconds(-1)))
            try await desk.settle()
            #expect(try await desk.get(id).state == .pending)
            try desk.clock.set(closes)
            try await desk.settle()
            try await desk.settle()
            let closed = try await desk.get(id)
            #expect(closed.state == .closed && closed.stateReason == .noReply)
            let history = try await desk.conversations.listHistory(
                ListHistoryRequest(conversationID: id), try await desk.by(.ana))
            #expect(history.entries.filter { $0.stateAfter == .closed }.count == 1)

            // S47: closing frees the address. Unset is 24 h.
            let (again, second) = try await desk.start(contact, template)
            try await desk.report(second.messageID, .sent)
            #expect(
                try await desk.get(again.conversationID).autoCloseTime.map(Instant.init)
                    == desk.clock.now.advanced(by: .seconds(86_400)))
            let replied = try await desk.customer()
            #expect(replied.conversationID == again.conversationID)
            #expect(replied.state == .open && replied.autoCloseTime == nil)
            try desk.advance(by: .seconds(86_399))
            try await desk.settle()
            #expect(try await desk.get(again.conversationID).state == .open)

            // A late reply after the auto-close is a continuation (C17), and no revival.
            #expect(try await desk.get(id).state == .closed)
        }
    }

    @Test("C37: a template that fails, at once or after its acceptance, ends a first contact; its sender is told the reason")
    func C37_failed() async throws {
        try await Desk.with { desk in
            let (template, contact) = (try await desk.template(), try await desk.contact())
            for accepted in [false, true] {
                let (started, message) = try await desk.start(contact, template)
                if accepted { try await desk.report(message.messageID, .sent) }
                try await desk.report(message.messageID, .failed, reason: "131026: not on WhatsApp")
                let closed = try await desk.get(started.conversationID)
                #expect(closed.state == .closed && closed.stateReason == .startFailed)
                #expect(try await desk.messages(started.conversationID).first?.failureReason == "131026: not on WhatsApp")
            }
            let channel = GRPC.Channel(addresses: [desk.addresses["conversations"]!.address])
            let notifications = try await NotificationsServiceClient(channel).listNotifications(
                ListNotificationsRequest(), try await desk.by(.ana)
            ).notifications
            await channel.close()
            #expect(notifications.map(\.kind) == [.failedMessage, .failedMessage])
            // The customer wrote before the news of the failure came: it ends nothing.
            let (third, message) = try await desk.start(contact, template)
            _ = try await desk.customer()
            try await desk.report(message.messageID, .failed)
            #expect(try await desk.get(third.conversationID).state == .open)
        }
    }

    @Test("C37, C18: a start and the contact's message at the same moment make one conversation; the second start is refused")
    func C37_race() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            var firsts = Set<Bool>()
            for number in 0..<12 {
                let address = "55119\(10_000_000 + number)"
                let contact = try await desk.contact(address)
                async let message = desk.customer(address)
                // What is begun first need not come first.
                if number % 3 == 0 { try await desk.settle() }
                async let start = told { try await desk.start(contact, template) }
                async let other = told { try await desk.start(contact, template, by: .bob) }
                let arrived = try await message
                let answers = [await start, await other]
                let refused = answers.filter { $0 == "ALREADY_EXISTS CONVERSATION_EXISTS" }
                #expect(refused.count + answers.filter { $0 == "" }.count == 2, "\(answers)")
                #expect(refused.count >= 1)
                // One conversation; a template in it only where a start was first.
                let messages = try await desk.messages(arrived.conversationID)
                #expect(messages.filter { $0.direction == .inbound }.count == 1)
                #expect(messages.filter { $0.kind == .template }.count == 2 - refused.count)
                #expect(messages.first?.kind == (refused.count == 1 ? .template : .text))
                firsts.insert(refused.count == 1)
                let state = try await desk.get(arrived.conversationID).state
                #expect(state == (refused.count == 1 ? .open : .queued))
            }
            print("who was first: \(firsts.count == 2 ? "now the one, now the other" : "always the same")")
        }
    }

    @Test("S40, SPEC 8: nobody begins on Messenger or Instagram, with a template or without")
    func S40_noStart() async throws {
        try await Desk.with { desk in
            let template = try await desk.template()
            for account in [Desk.Account.facebook, .instagram] {
                let contact = try await desk.contact(
                    "page-user", account == .facebook ? .facebook : .instagram, scope: account.id)
                #expect(
                    await told { try await desk.start(contact, template, on: account) }
                        == "FAILED_PRECONDITION START_NOT_ALLOWED")
                #expect(
                    await told { try await desk.start(contact, nil, text: "hello", on: account) }
                        == "FAILED_PRECONDITION START_NOT_ALLOWED")
            }
        }
    }
}

extension String {
    /// "host:port".
    var address: ServerAddress {
        let parts = split(separator: ":")
        return ServerAddress(host: String(parts[0]), port: Int(parts[1]) ?? 0)
    }
}
