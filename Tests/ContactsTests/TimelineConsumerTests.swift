import ContactsV1
import ConversationsV1
import EventLog
import FoundationEssentials
import GRPC
import GoogleProtobuf
import ServiceRuntime
import Synchronization
import Testing
import WallTime

@testable import Contacts

@Suite("The timeline")
struct TimelineConsumerTests {
    @Test("S46: every conversation is told once when it opens and once when it closes, though the stream breaks after each event")
    func S46_eachEventIsToldOnce() async throws {
        try await withContacts { contacts in
            let contact = try await contacts.create(.init(displayName: "Ana"))
            let script = ConversationScript(contacts, contactID: contact.contactID, conversations: 25)
            try await script.play(contacts, breakingAfterEach: true)

            let entries = try await contacts.timeline(contact.contactID, size: 200).timelineEntries
            #expect(entries.count == 51)
            let told = entries.compactMap { entry -> String? in
                guard case .conversation(let activity) = entry.subject else { return nil }
                return "\(entry.kind) \(activity.conversationID) \(activity.closeReason)"
            }
            #expect(told == script.expectedLines)
            #expect(try await contacts.get(contact.contactID).lastActivityTime == script.events.last?.occurTime)
        }
    }

    @Test("P4: after a restore of conversations all is read again, and nothing is told twice")
    func P4_startingOverTellsNothingTwice() async throws {
        try await withContacts { contacts in
            let contact = try await contacts.create(.init(displayName: "Ana"))
            let script = ConversationScript(contacts, contactID: contact.contactID, conversations: 5)
            try await script.play(contacts)
            try await script.play(contacts, cursorsKnown: false)
            #expect(try await contacts.timeline(contact.contactID).timelineEntries.count == 11)
        }
    }

    @Test("An event of a contact that is not there is passed over")
    func unknownContactIsPassedOver() async throws {
        try await withContacts { contacts in
            let nobody = ConversationScript(contacts, contactID: UUID.v7(at: .now).text, conversations: 1)
            try await nobody.play(contacts)
            let ana = try await contacts.create(.init(displayName: "Ana"))
            #expect(try await contacts.timeline(ana.contactID).timelineEntries.map(\.kind) == [.contactCreated])
        }
    }

    @Test("S45: the timeline is read page by page, newest first, by kind")
    func S45_timelineIsPaged() async throws {
        try await withContacts { contacts in
            let contact = try await contacts.create(.init(displayName: "Ana"))
            try await ConversationScript(contacts, contactID: contact.contactID, conversations: 4).play(contacts)
            _ = try await contacts.update(.init(contactID: contact.contactID, note: "x"), mask: ["note"])

            let all = try await contacts.timeline(contact.contactID).timelineEntries
            let times = all.compactMap(\.occurTime).map(Instant.init)
            #expect(times == times.sorted(by: >))
            var (token, seen) = ("", [ContactsV1.TimelineEntry]())
            repeat {
                let page = try await contacts.timeline(contact.contactID, size: 3, token: token)
                seen += page.timelineEntries
                token = page.nextPageToken
            } while !token.isEmpty
            #expect(seen == all)
            let closed = try await contacts.timeline(contact.contactID, kinds: [.conversationClosed]).timelineEntries
            #expect(closed.count == 4 && closed.allSatisfy { $0.kind == .conversationClosed })
        }
    }
}

/// Conversations that open and close, as their service's Watch would tell it.
private struct ConversationScript: Sendable {
    let events: [ConversationEvent]

    init(_ contacts: ContactsFixture, contactID: String, conversations: Int) {
        // Later than anything the test itself does.
        let start = Instant.now.advanced(by: .seconds(60))
        events = (0..<conversations).flatMap { index in
            let conversation = Conversation(
                conversationID: UUID.v7(at: start).text, channel: .webchat, contactID: contactID, outcome: "resolved")
            return [(ConversationEventKind.created, 0), (.closed, 1)].map { kind, step in
                ConversationEvent(
                    kind: kind, conversationID: conversation.conversationID, tenantID: contacts.tenantID.text,
                    occurTime: Timestamp(start.advanced(by: .seconds(2 * index + step))),
                    actor: .init(kind: .agent, actorID: contacts.agentID.text),
                    audienceAfter: .init(assigneeID: contacts.agentID.text), reasonAfter: step == 1 ? .agent : .unspecified,
                    conversation: conversation)
            }
        }
    }

    /// Newest first.
    var expectedLines: [String] {
        events.reversed().map { event in
            let closed = event.kind == .closed
            return "\(closed ? ContactsV1.TimelineEntryKind.conversationClosed : .conversationOpened) "
                + "\(event.conversationID) \(closed ? "agent" : "")"
        }
    }

    /// Runs two replicas of the consumer until the whole script has been applied.
    func play(_ contacts: ContactsFixture, breakingAfterEach: Bool = false, cursorsKnown: Bool = true) async throws {
        let (applied, done) = AsyncStream.makeStream(of: Void.self)
        let refusals = Mutex(0)
        let consumer = TimelineConsumer(pool: contacts.pool, logger: .quiet) { cursor in
            if !cursorsKnown, cursor != nil,
                refusals.withLock({
                    $0 += 1; return $0 == 1
                })
            {
                throw EventLogError.outOfRange
            }
            let next = (cursor.flatMap { Int($0) } ?? -1) + 1
            if next == events.count { done.yield() }
            return AsyncThrowingStream { stream in
                for (index, event) in events.enumerated().dropFirst(next) {
                    stream.yield(.event(event, tenantID: contacts.tenantID, cursor: "\(index)"))
                    if breakingAfterEach { return stream.finish(throwing: Broken()) }
                }
                // The end of the script is the end of the stream: the consumer comes again, after the last event.
                if next < events.count { stream.finish() }
            }
        }
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<2 { group.addTask { try? await consumer.consumer.run() } }
            for await _ in applied { break }
            group.cancelAll()
        }
    }

    struct Broken: Error {}
}
