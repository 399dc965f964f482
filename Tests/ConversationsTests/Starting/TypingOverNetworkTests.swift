import Conversations
import ConversationsV1
import Foundation
import GRPC
import PostgresTesting
import ServiceRuntime
import Testing

@Suite("C54: typing as the gateway reaches it")
struct TypingOverNetworkTests {
    @Test("C54: what one agent tells one replica, the Watch of another tells with his name to who asks for it, and to no other")
    func C54_acrossReplicas() async throws {
        try await Desk.with { desk in
            let id = try await desk.customer().conversationID
            let environment = desk.environment.of("conversations", desk.addresses)
            try await RunningService<ConversationsModule>.during(environment: environment, logger: .quiet) { _, second, _ in
                let channel = GRPC.Channel(addresses: [second])
                let gateway = try await desk.byService("gateway", to: "conversations")
                let answers = try await withThrowingTaskGroup(of: (Bool, WatchResponse)?.self) { group in
                    for asks in [true, false] {
                        group.addTask {
                            let watch = ConversationsServiceClient(channel).watch(
                                WatchRequest(liveOnly: true, withTyping: asks), gateway)
                            return try await watch.first { $0.typing != nil || (!asks && $0.event != nil) }.map { (asks, $0) }
                        }
                    }
                    // Whoever listens already hears it; so it goes on until both have heard something.
                    group.addTask {
                        while !Task.isCancelled {
                            _ = try await desk.conversations.sendTyping(
                                SendTypingRequest(conversationID: id, typing: true), try await desk.by(.ana))
                            try await desk.customer()
                            try await Task.sleep(for: .seconds(1))
                        }
                        return nil
                    }
                    defer { group.cancelAll() }
                    var answers: [Bool: WatchResponse] = [:]
                    while answers.count < 2, let next = try await group.next() {
                        if let (asks, answer) = next { answers[asks] = answer }
                    }
                    return answers
                }
                await channel.close()
                let told = try #require(answers[true])
                #expect(told.event == nil && told.cursor.isEmpty && !told.live)
                #expect(told.typing?.conversationID == id && told.typing?.typing == true && told.typing?.open == true)
                #expect(told.typing?.actor?.actorID == Desk.Person.ana.id.text && told.typing?.actor?.displayName == "Ana")
                #expect(told.typing?.audience?.departmentID == Desk.departmentID.text)
                #expect(answers[false]?.event != nil && answers[false]?.typing == nil)
            }
        }
    }
}
