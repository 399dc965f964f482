import ConversationsV1
import EventLog
import Foundation
import GRPC
import ServiceRuntime
import Testing
import WallTime

@testable import Conversations

@Suite("Watch: what happened, joined with what is now")
struct WatchTests {
    @Test("events come in order with audience before and after, the rows joined, and nothing for the visitor that is not his")
    func eventsTellTheStory() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("v1", of: tenant).conversation!.conversationID
            _ = try await inbox.send("hi", in: id, by: tenant.ana, of: tenant, accept: true)
            let note = AddNoteRequest(conversationID: id, requestID: UUID().text, text: "secret")
            _ = try await inbox.service.addNote(note, inbox.by(tenant.ana, of: tenant))
            _ = try await inbox.transfer(id, to: .departmentID(tenant.support.text), by: tenant.ana, of: tenant)
            _ = try await inbox.close(id, by: tenant.bob, of: tenant)
            let events = try await inbox.events(of: tenant, count: 7)
            #expect(
                events.map(\.kind) == [
                    .created, .messageAdded, .accepted, .messageAdded, .messageAdded, .transferred, .closed,
                ])
            #expect(events.map(\.eventID) == events.map(\.eventID).sorted())
            #expect(events.map(\.stateAfter) == [.queued, .queued, .open, .open, .open, .queued, .closed])
            let moved = events[5]
            #expect(
                moved.audienceBefore?.departmentID == tenant.sales.text && moved.audienceBefore?.assigneeID == tenant.ana.text)
            #expect(moved.audienceAfter?.departmentID == tenant.support.text && moved.audienceAfter?.assigneeID == "")
            #expect(moved.actor?.displayName == "Ana")
            // The rows are those of now, the event says what was.
            #expect(events.allSatisfy { $0.conversation?.state == .closed })
            #expect(events[1].message?.text == "hello" && events[4].message?.text == "secret")
            #expect(events[1].visitorEvent?.message?.text == "hello" && events[1].visitorEvent?.visitorID == "v1")
            #expect(events[4].visitorEvent == nil)
        }
    }

    @Test("no event holds a name, an address or a text")
    func eventsHoldNoPersonalData() async throws {
        try await withInbox { inbox, tenant in
            let id = try await inbox.customer("canary-address", says: "canary text", of: tenant).conversation!.conversationID
            _ = try await inbox.send("canary answer", in: id, by: tenant.ana, of: tenant, accept: true)
            _ = try await inbox.close(id, by: tenant.ana, of: tenant)
            for try await event in inbox.surroundings.events.watch() {
                let told =
                    event.attributes.map { "\($0.key)=\($0.value)" }.joined() + String(decoding: event.payload, as: UTF8.self)
                #expect(!told.lowercased().contains("canary") && !told.contains("Ana"))
                if event.kind == "conversation.closed" { break }
            }
        }
    }

    @Test("a cursor resumes behind what was seen; one of nobody's is refused")
    func cursorsResume() async throws {
        try await withInbox { inbox, tenant in
            for n in 0..<5 { try await inbox.customer("v1", says: "\(n)", of: tenant) }
            var cursors: [String] = []
            for try await event in inbox.surroundings.events.watch(after: nil, EventFilter(tenantID: tenant.id)) {
                cursors.append(event.cursor.description)
                if cursors.count == 6 { break }
            }
            for (index, cursor) in cursors.dropLast().enumerated() {
                let rest = try await inbox.events(of: tenant, after: cursor, count: 5 - index)
                #expect(rest.count == 5 - index)
                #expect(rest.last?.message?.text == "4")
            }
            #expect(await reason { try await inbox.events(of: tenant, after: "nonsense", count: 1) } == "CURSOR_OUT_OF_RANGE")
        }
    }
}

extension Inbox {
    /// The first events after a cursor, as Watch joins them.
    func events(of tenant: Tenant, after: String? = nil, count: Int) async throws -> [ConversationEvent] {
        var cursor: Cursor?
        if let after {
            guard let known = Cursor(after) else { throw ConversationsError.cursorOutOfRange }
            cursor = known
        }
        var found: [ConversationEvent] = []
        for try await batch in surroundings.events.batches(after: cursor, EventFilter(tenantID: tenant.id)) {
            found += try await service.joined(batch.events).map(\.event)
            if found.count >= count { break }
        }
        return found
    }
}
