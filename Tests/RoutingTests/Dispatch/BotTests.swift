import ConversationsV1
import FoundationEssentials
import GRPC
import RoutingV1
import ServiceRuntime
import Testing
import WallTime

@testable import Routing

@Suite("Bots", .serialized)
struct BotTests {
    @Test(
        "S16, C44: an agent intervenes in a bot's conversation, within his limit; from then on the bot is refused",
        .timeLimit(.minutes(2)))
    func S16_intervene() async throws {
        try await Stack.with(method: .leastBusy, loadMax: 1) { stack in
            try await stack.beat(0)
            let (first, second) = (
                try await stack.customerWrites(over: Stack.automatedID), try await stack.customerWrites(over: Stack.automatedID)
            )
            #expect(try await stack.conversation(first).state == .automated)
            #expect(await stack.botSays("hello, I am Robin", in: first) == "OK")
            try await stack.settle()
            // Agents watch; nobody is offered what a bot has.
            #expect(Set(try await stack.list(.automated, by: 2)) == [first, second])
            #expect(try await stack.conversation(first).waitingOn == .agent, "a bot's answer is none (C38)")
            #expect(await stack.intervene(first, by: 0) == "OK")
            #expect(await stack.intervene(second, by: 0) == "AGENT_AT_CAPACITY")
            let open = try await stack.conversation(first)
            #expect(open.state == .open && open.assigneeID == Stack.agentIDs[0].text && open.startTime != nil)
            #expect(await stack.botSays("one more", in: first) == "TRANSITION_NOT_ALLOWED")
            #expect(await stack.answer { _ = try await stack.handOff(first) } == "TRANSITION_NOT_ALLOWED")
            // Another bot says nothing here at all, and an agent does not speak for a bot.
            #expect(await stack.botSays("me too", in: second, as: UUID()) == "OUT_OF_SCOPE")
            #expect(
                await stack.answer {
                    _ = try await ConversationsServiceClient(stack.conversations).sendMessage(
                        SendMessageRequest(conversationID: second, requestID: UUID().text, text: "hi"), try await stack.asAgent(1)
                    )
                } == "NOT_ACCEPTED")
        }
    }

    @Test(
        "C44: no answer in 60 s of a customer's message: people have it, once; an answer in time keeps it",
        .timeLimit(.minutes(2)))
    func C44_timeout() async throws {
        try await Stack.with(method: .manual) { stack in
            let (answered, silent) = (UUID().text, UUID().text)
            let kept = try await stack.customerWrites(answered, over: Stack.automatedID)
            let left = try await stack.customerWrites(silent, over: Stack.automatedID)
            #expect(await stack.botSays("hello", in: kept) == "OK")
            try stack.advance(by: .seconds(30))
            // A second message does not give it more time for the first.
            try await stack.customerWrites(silent, over: Stack.automatedID)
            try stack.advance(by: .seconds(30) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(left).state == .automated)
            try stack.advance(by: .microseconds(1))
            let queued = try await stack.eventually(left, "people have it") { $0.state == .queued }
            #expect(queued.departmentName == "Support")
            try await stack.settle()
            #expect(try await stack.conversation(kept).state == .automated, "it owes no answer")
            let history = try await ConversationsServiceClient(stack.conversations).listHistory(
                ListHistoryRequest(conversationID: left), try await stack.asAgent(0)
            ).entries
            #expect(history.count { $0.note == "bot_timeout" } == 1)
            #expect(await stack.botSays("I was about to", in: left) == "TRANSITION_NOT_ALLOWED")
            // The next message of the other begins a new wait, by the department's own time.
            try await stack.changeDepartment(["bot_timeout"], .init(botTimeout: .init(seconds: 5)))
            try await stack.customerWrites(answered, over: Stack.automatedID)
            try stack.advance(by: .seconds(5) - .microseconds(1))
            try await stack.settle()
            #expect(try await stack.conversation(kept).state == .automated)
            try stack.advance(by: .microseconds(1))
            try await stack.eventually(kept, "people have it") { $0.state == .queued }
        }
    }

    @Test(
        "C44: a bot that was connected and is offline hands off what it has, and gets nothing new; back, it answers again",
        .timeLimit(.minutes(2)))
    func C44_offline() async throws {
        try await Stack.with(method: .manual) { stack in
            // One that never connects is judged by its answers alone.
            let unknown = try await stack.customerWrites(over: Stack.automatedID)
            try await stack.settle()
            #expect(try await stack.conversation(unknown).state == .automated)
            try await stack.beatAsBot()
            try await stack.settle()
            #expect(await stack.botSays("hello", in: unknown) == "OK")
            try stack.advance(by: .seconds(30))
            try await stack.settle()
            #expect(try await stack.conversation(unknown).state == .automated, "30.000 s exactly change nothing")
            try stack.advance(by: .microseconds(1))
            try await stack.settle()
            try await stack.eventually(unknown, "people have it") { $0.state == .queued }
            let fresh = try await stack.customerWrites(over: Stack.automatedID)
            let given = try await stack.conversation(fresh)
            #expect(given.state == .queued && given.departmentName == "Support")
            try await stack.beatAsBot()
            try await stack.settle()
            #expect(try await stack.conversation(try await stack.customerWrites(over: Stack.automatedID)).state == .automated)
            // Only bots beat as bots.
            #expect(
                await stack.answer {
                    _ = try await PresenceServiceClient(stack.routing).beatAsBot(BeatAsBotRequest(), try await stack.asAgent(0))
                } == "PERMISSION_DENIED")
        }
    }

    @Test(
        "C44, C17: a continuation skips the bot; closed by the bot, it is closed for good, and an agent's close stays an agent's",
        .timeLimit(.minutes(2)))
    func C44_continuation() async throws {
        try await Stack.with(method: .manual) { stack in
            let visitor = UUID().text
            let id = try await stack.customerWrites(visitor, over: Stack.automatedID)
            let conversations = ConversationsServiceClient(stack.conversations)
            let closed = try await conversations.close(
                CloseRequest(conversationID: id, requestID: UUID().text), try await stack.asBot()
            ).conversation
            #expect(closed?.state == .closed && closed?.stateReason == .bot)
            let continued = try await stack.conversation(try await stack.customerWrites(visitor, over: Stack.automatedID))
            #expect(continued.state == .queued && continued.continuedFrom == id)
            #expect(
                await stack.answer {
                    _ = try await conversations.close(
                        CloseRequest(conversationID: continued.conversationID, requestID: UUID().text), try await stack.asBot())
                } == "TRANSITION_NOT_ALLOWED")
            // After a week it is the bot's again.
            _ = try await conversations.close(
                CloseRequest(conversationID: continued.conversationID, requestID: UUID().text), try await stack.asAgent(0))
            try stack.advance(by: .seconds(7 * 86_400 + 1))
            try await stack.settle()
            #expect(
                try await stack.conversation(try await stack.customerWrites(visitor, over: Stack.automatedID)).state == .automated
            )
        }
    }
}

extension Stack {
    func botSays(_ text: String, in id: String, as bot: UUID = botID) async -> String {
        await answer {
            _ = try await ConversationsServiceClient(conversations).sendMessage(
                SendMessageRequest(conversationID: id, requestID: UUID().text, text: text), try await asBot(bot))
        }
    }

    func intervene(_ id: String, by index: Int) async -> String {
        await answer {
            _ = try await ConversationsServiceClient(conversations).intervene(
                InterveneRequest(conversationID: id, requestID: UUID().text), try await asAgent(index))
        }
    }

    func beatAsBot() async throws {
        _ = try await PresenceServiceClient(routing).beatAsBot(BeatAsBotRequest(), try await asBot())
    }
}
