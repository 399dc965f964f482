import ChannelsV1
import ConversationsV1
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
    func firstMessage(of conversation: ConversationsV1.Conversation) async throws -> String {
        try #require(
            try await ConversationsServiceClient(conversations).listMessages(
                ListMessagesRequest(conversationID: conversation.conversationID), try await asAgent()
            ).messages.first?.messageID)
    }
}
