import ChannelsV1
import ConversationsV1
import EndToEndSupport
import Foundation
import GRPC
import ServiceRuntime
import Testing
import Trials
import WallTime

/// Channels beside the real conversations, over real sockets.
@Suite("Channels and conversations", .serialized)
struct StackTests {
    @Test("a message to each provider goes out once, its status comes back, and a failed one can be sent again by its author")
    func roundTrip() async throws {
        try await Stack.with { stack in
            for kind in ProviderEmulator.Kind.allCases {
                let conversation = try await stack.customerWrites(over: kind)
                let message = try #require(try await stack.send("hello \(kind)", in: conversation))
                try await eventually { try await stack.message(message).deliveryStatus == .sent }
                #expect(try await stack.message(message).providerMessageID.hasPrefix("prov-"))
                #expect(stack.emulator.taken.last?.address == conversation.customerAddress)
            }
            #expect(stack.emulator.taken.count == ProviderEmulator.Kind.allCases.count && stack.emulator.repetitions == 0)

            let conversation = try await stack.customerWrites(over: .whatsapp)
            stack.emulator.fail(.code(131_026))
            let failed = try #require(try await stack.send("are you there", in: conversation))
            try await eventually { try await stack.message(failed).deliveryStatus == .failed }
            #expect(try await stack.message(failed).failureReason == "UNDELIVERABLE")
            let again = try #require(
                try await ConversationsServiceClient(stack.conversations).retryMessage(
                    RetryMessageRequest(
                        conversationID: conversation.conversationID, messageID: failed.messageID, requestID: UUID().text),
                    try await stack.asAgent()
                ).message)
            try await eventually { try await stack.message(again).deliveryStatus == .sent }
            #expect(stack.emulator.taken.map(\.text).filter { $0 == "are you there" }.count == 1)
        }
    }

    @Test("C61: a provider is told that the agent who serves types, and that he stops, where the channel's row lets us")
    func C61_providerIsTold() async throws {
        try await Stack.with { stack in
            let (mail, phone) = (
                try await stack.customerWrites(over: .email), try await stack.customerWrites(over: .whatsapp)
            )
            for conversation in [mail, phone] {
                let message = try #require(try await stack.send("hello", in: conversation))
                try await eventually { try await stack.message(message).deliveryStatus == .sent }
            }
            try await eventually {
                try await stack.type(true, in: mail)
                try await stack.type(true, in: phone)
                return !stack.emulator.typing.isEmpty
            }
            try await eventually {
                try await stack.type(false, in: phone)
                return stack.emulator.typing.last?.typing == false
            }
            let address = phone.customerAddress
            #expect(
                stack.emulator.typing == [
                    ProviderEmulator.TypingHeard(to: address, typing: true),
                    ProviderEmulator.TypingHeard(to: address, typing: false),
                ])
        }
    }

    @Test("C48: what was accepted inside the window and would go out behind it fails, and the provider is not asked again")
    func windowClosesMeanwhile() async throws {
        try await Stack.with { stack in
            let conversation = try await stack.customerWrites(over: .whatsapp)
            stack.emulator.set(down: true)
            let message = try #require(try await stack.send("too late", in: conversation))
            try await eventually { try await stack.delivery(message)?.attemptCount ?? 0 >= 1 }
            try stack.clock.set(stack.clock.now.advanced(by: .seconds(86_400)))
            stack.emulator.set(down: false)
            try await stack.retryNow(message)
            try await eventually { try await stack.message(message).deliveryStatus == .failed }
            #expect(try await stack.message(message).failureReason == "REPLY_WINDOW_CLOSED")
            try await eventually { try await stack.delivery(message)?.status == .failed }
            #expect(stack.emulator.taken.isEmpty && stack.emulator.policyRefusals == [])
        }
    }

    @Test("G13: over channel x kind x time the provider refuses nothing for policy: it counts for itself")
    func zeroPolicyRefusals() async throws {
        try await Stack.with { stack in
            var (accepted, refused) = (0, 0)
            for kind in ProviderEmulator.Kind.allCases {
                for seconds in [0, 86_399, 86_400, 90_000] {
                    let conversation = try await stack.customerWrites(over: kind)
                    let inbound = try await stack.firstMessage(of: conversation)
                    try stack.clock.set(stack.clock.now.advanced(by: .seconds(seconds)))
                    let drafts: [(String, MessageContent?, String)] = [
                        ("text", nil, ""), (String(repeating: "a", count: 1_001), nil, ""),
                        (String(repeating: "a", count: 2_001), nil, ""), (String(repeating: "a", count: 4_097), nil, ""),
                        ("", MessageContent(content: .location(.init(latitude: 1, longitude: 2))), ""),
                        ("", MessageContent(content: .contactCards(.init(cards: [.init(displayName: "Ana")]))), ""),
                        ("", MessageContent(content: .reaction(.init(emoji: "+"))), inbound),
                    ]
                    for (text, content, replyTo) in drafts {
                        guard let message = try await stack.send(text, content, replyTo: replyTo, in: conversation) else {
                            refused += 1
                            continue
                        }
                        accepted += 1
                        // Before the clock moves on, or the hand-over would judge another moment.
                        try await eventually { try await stack.message(message).deliveryStatus == .sent }
                    }
                }
            }
            #expect(stack.emulator.policyRefusals == [])
            #expect(stack.emulator.taken.count == accepted)
            // Both happen, or the table would say nothing.
            #expect(accepted > 30 && refused > 30, "\(accepted) accepted, \(refused) refused")
        }
    }

    @Test("S49: quotes, reactions, places and cards reach the provider whole, where the channel's row allows them")
    func S49_native() async throws {
        try await Stack.with { stack in
            let conversation = try await stack.customerWrites(over: .whatsapp)
            let inbound = try await stack.firstMessage(of: conversation)
            let quotedID = try await stack.conversationsMessage(inbound, in: conversation).providerMessageID
            let place = Location(latitude: -23.5, longitude: -46.6, displayName: "Office", postalAddress: "Rua 1")
            let card = ContactCard(displayName: "Ana", phoneNumbers: ["+551155"], emailAddresses: ["ana@example.org"])
            let drafts: [(String, MessageContent?, String)] = [
                ("as you said", nil, inbound), ("", MessageContent(content: .reaction(.init(emoji: "👍"))), inbound),
                ("", MessageContent(content: .location(place)), ""),
                ("", MessageContent(content: .contactCards(.init(cards: [card]))), ""),
            ]
            for (text, content, replyTo) in drafts {
                let sent = try #require(try await stack.send(text, content, replyTo: replyTo, in: conversation))
                #expect(sent.replyToMessageID == replyTo && sent.content == content)
                try await eventually { try await stack.message(sent).deliveryStatus == .sent }
            }
            let taken = stack.emulator.taken.map(\.json)
            #expect(taken.compactMap { $0["type"] as? String } == ["text", "reaction", "location", "contact_cards"])
            #expect(taken.map { $0["quoted"] as? String } == [quotedID, quotedID, nil, nil])
            #expect(taken[1]["emoji"] as? String == "👍")
            let told = try #require(taken[2]["location"] as? [String: Any])
            #expect(told["name"] as? String == "Office" && told["latitude"] as? Double == -23.5)
            let cards = try #require(taken[3]["contactCards"] as? [[String: Any]])
            #expect(cards.map { $0["name"] as? String } == ["Ana"] && cards[0]["phoneNumbers"] as? [String] == ["+551155"])
            // Instagram's row has no cards, e-mail's neither quotes nor reactions.
            let picture = try await stack.customerWrites(over: .instagram)
            #expect(try await stack.send("", MessageContent(content: .location(place)), in: picture) == nil)
            let mail = try await stack.customerWrites(over: .email)
            let first = try await stack.firstMessage(of: mail)
            #expect(try await stack.send("as you said", replyTo: first, in: mail) == nil)
            #expect(
                try await stack.send("", MessageContent(content: .reaction(.init(emoji: "+"))), replyTo: first, in: mail) == nil)
            #expect(stack.emulator.taken.count == 4)
        }
    }

    @Test("C27: a CSV goes out over WhatsApp as a document; what the provider refuses has failed, with its reason")
    func C27_csv() async throws {
        try await Stack.with { stack in
            let conversation = try await stack.customerWrites(over: .whatsapp)
            func sendFile() async throws -> ConversationsV1.Message {
                let file = try await stack.upload(Array("name,total\n1,2\n".utf8), "text/csv", in: conversation)
                #expect(file.kind == .csv && file.mediaType == "text/csv")
                return try #require(
                    try await ConversationsServiceClient(stack.conversations).sendMessage(
                        SendMessageRequest(
                            conversationID: conversation.conversationID, requestID: UUID().text,
                            attachmentIDs: [file.attachmentID], accept: true), try await stack.asAgent()
                    ).message)
            }
            let taken = try await sendFile()
            try await eventually { try await stack.message(taken).deliveryStatus == .sent }
            let files = try #require(stack.emulator.taken.first?.json["attachments"] as? [[String: Any]])
            #expect(files.map { $0["kind"] as? String } == ["document"])
            #expect(files.map { $0["mediaType"] as? String } == ["text/csv"])
            // "Unsupported message type", as the provider says it.
            stack.emulator.fail(.code(131_051))
            let refused = try await sendFile()
            try await eventually { try await stack.message(refused).deliveryStatus == .failed }
            #expect(try await !stack.message(refused).failureReason.isEmpty)
            // Messenger's row has no CSV: nothing is asked of the provider.
            let other = try await stack.customerWrites(over: .facebook)
            await #expect(throws: RPCError.self) { _ = try await stack.upload(Array("a,b\n".utf8), "text/csv", in: other) }
            #expect(stack.emulator.taken.count == 1)
        }
    }

    @Test("G12: an integrator is told of what happens in conversations, signed, in order")
    func webhookEndToEnd() async throws {
        try await Stack.with { stack in
            let receiver = Receiver()
            try await withServer({ receiver.respond($0) }) { port in
                let created = try await WebhooksServiceClient(stack.channels).createWebhook(
                    CreateWebhookRequest(
                        webhook: .init(
                            displayName: "CRM", url: "http://localhost:\(port)/hook",
                            eventTypes: ["conversation.created", "conversation.message_added", "conversation.accepted"]),
                        requestID: UUID().text), try await stack.asAgent(role: "admin"))
                let conversation = try await stack.customerWrites(over: .facebook)
                _ = try #require(try await stack.send("hi", in: conversation))
                try await eventually { receiver.came.count >= 4 }
                #expect(receiver.came.allSatisfy { $0.isSigned(with: created.secret) })
                let ids = receiver.came.compactMap { $0.json["id"] as? String }
                #expect(ids == ids.sorted() && Set(ids).count == receiver.came.count)
                #expect(Set(receiver.told) == [conversation.conversationID])
            }
        }
    }
}

extension Stack {
    func conversationsMessage(
        _ id: String, in conversation: ConversationsV1.Conversation
    ) async throws -> ConversationsV1.Message {
        try #require(
            try await ConversationsServiceClient(conversations).getMessage(
                GetMessageRequest(conversationID: conversation.conversationID, messageID: id), try await asAgent()
            ).message)
    }

    func upload(
        _ bytes: [UInt8], _ mediaType: String, in conversation: ConversationsV1.Conversation
    ) async throws -> ConversationsV1.Attachment {
        let header = UploadAttachmentHeader(
            file: AttachmentHeader(mediaType: mediaType, fileName: "file"), conversationID: conversation.conversationID,
            requestID: UUID().text)
        let answer = try await AttachmentsServiceClient(conversations).uploadAttachment(try await asAgent()) { pieces in
            try await pieces.write(UploadAttachmentRequest(piece: .header(header)))
            try await pieces.write(UploadAttachmentRequest(piece: .data(bytes)))
        }
        return try #require(answer.attachment)
    }

    func firstMessage(of conversation: ConversationsV1.Conversation) async throws -> String {
        try #require(
            try await ConversationsServiceClient(conversations).listMessages(
                ListMessagesRequest(conversationID: conversation.conversationID), try await asAgent()
            ).messages.first?.messageID)
    }
}
