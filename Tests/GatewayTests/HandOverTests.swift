import ContactsV1
import ConversationsV1
import Testing

@testable import Gateway

/// The hand-over from replay to live, through the edge's own stream: the services' Watches are stopped at each step, and an
/// event is committed right there. Nothing depends on timing.
@Suite("Guarantee 9: the hand-over from replay to live", .timeLimit(.minutes(1)))
struct HandOverTests {
    enum Moment: Sendable, CaseIterable {
        case beforeSubscribing, asked, read, underway, toldAll, live

        var step: FakeLog<ConversationEvent>.Step? {
            switch self {
            case .beforeSubscribing: nil
            case .asked: .asked
            case .read: .read
            case .underway: .underway
            case .toldAll: .toldAll
            case .live: .live
            }
        }
    }

    /// - Parameter hubLags: the process's own Watch tells the event only when the replay is over; otherwise at once.
    @Test(
        "an event committed at each step of the hand-over is seen once, in order, from each service",
        arguments: Moment.allCases, [false, true])
    func eventCommittedAtEachStepIsSeenOnce(at moment: Moment, hubLags: Bool) async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            for number in 1...3 { edge.commitBoth(number) }
            try await edge.untilHubIs(at: 3)
            let (replayIsOver, done) = (Flag(), Flag())
            let commit: @Sendable () async -> Void = {
                guard done.raiseOnce() else { return }
                edge.commitBoth(4)
                if !hubLags { try? await edge.untilHubIs(at: 4) }
            }
            edge.conversations.log.onStep { step, isHub in
                if isHub, hubLags { await replayIsOver.wait() }
                if !isHub, step == moment.step { await commit() }
            }
            edge.contacts.log.onStep { _, isHub in if isHub, hubLags { await replayIsOver.wait() } }
            if moment == .beforeSubscribing { await commit() }

            let start = StreamPosition(cursors: ["conversations": "0", "contacts": "0"]).text
            try await edge.stream("/v1/stream", headers: [("Last-Event-ID", start)]) { events in
                var seen = Seen()
                while let event = try await events.next(), event.name != "ready" { seen.note(event) }
                replayIsOver.raise()
                if moment == .live { await commit() }
                #expect(done.isRaised)
                for number in 5...7 { edge.commitBoth(number) }
                while !seen.hasAll(7), let event = try await events.next() { seen.note(event) }
                #expect(seen.conversations == (1...7).map { "c\($0)" })
                #expect(seen.contacts == (1...7).map { "p\($0)" })
            }
        }
    }

    @Test("each event's id is a position of its own: dropped behind every event and resumed, each is seen once")
    func resumedBehindEveryEvent() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            for number in 1...12 { edge.commitBoth(number) }
            try await edge.untilHubIs(at: 12)
            var (seen, position) = (Seen(), StreamPosition(cursors: ["conversations": "0", "contacts": "0"]).text)
            while !seen.hasAll(12) {
                try await edge.stream("/v1/stream", headers: [("Last-Event-ID", position)]) { events in
                    let event = try #require(try await events.next())
                    seen.note(event)
                    position = try #require(event.id)
                }
            }
            #expect(seen.conversations == (1...12).map { "c\($0)" })
            #expect(seen.contacts == (1...12).map { "p\($0)" })
        }
    }
}

/// What a stream has told.
struct Seen {
    var conversations: [String] = []
    var contacts: [String] = []

    mutating func note(_ event: ServerSentEvent) {
        let (conversation, contact) = (JSONParser.text(event.data, "conversationId"), JSONParser.text(event.data, "contactId"))
        if !conversation.isEmpty { conversations.append(conversation) }
        if !contact.isEmpty { contacts.append(contact) }
    }

    func hasAll(_ count: Int) -> Bool { conversations.count >= count && contacts.count >= count }
}

extension EdgeUnderTest {
    /// Commits an event to both services' logs.
    func commitBoth(_ number: Int) {
        commit(number)
        contacts.commit(
            ContactEvent(
                kind: .updated, contactID: "p\(number)", changedPaths: ["display_name"],
                contact: Contact(contactID: "p\(number)", displayName: "secret")))
    }

    /// Commits an event to the log of conversations.
    func commit(_ number: Int, text: String = "hello") {
        conversations.commit(
            ConversationEvent(
                kind: .messageAdded, conversationID: "c\(number)", audienceAfter: Audience(departmentID: "sales"),
                message: Message(messageID: "m\(number)", conversationID: "c\(number)", text: text)))
    }

    /// Waits until the process's own Watches have told so many events.
    func untilHubIs(at count: Int) async throws {
        while feed.cursors["conversations"] != "\(count)" || feed.cursors["contacts"] != "\(count)" {
            try await Task.sleep(for: .milliseconds(2))
        }
    }
}
