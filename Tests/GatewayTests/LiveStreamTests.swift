import ConversationsV1
import GRPC
import RoutingV1
import Testing
import TicketsV1

@testable import Gateway

@Suite struct LiveStreamTests {
    private func event(
        _ id: String, before: Audience? = nil, after: Audience = Audience(departmentID: "sales"), department: String = "sales",
        visitor: String? = nil
    ) -> ConversationEvent {
        ConversationEvent(
            kind: .messageAdded, conversationID: id, audienceBefore: before, audienceAfter: after,
            conversation: Conversation(conversationID: id, departmentID: department),
            message: Message(messageID: "m-\(id)", conversationID: id, text: "hello"),
            visitorEvent: visitor.map {
                VisitorEvent(visitorID: $0, channelAccountID: "acc", message: VisitorMessage(messageID: "m-\(id)", text: "hello"))
            })
    }

    @Test("C54, C61: typing is told to who sees the conversation and does not type himself, and to the visitor whom it concerns")
    func C61_typingIsToldToWhomItConcerns() {
        func viewer(_ id: String, _ departments: [String]) -> Viewer {
            Viewer(
                GetScopeResponse(agentID: id, departments: departments.map { ConversationsV1.Department(departmentID: $0) }), [])
        }
        var typing = Typing(
            conversationID: "c1", tenantID: "t1", actor: ConversationsV1.Actor(kind: .agent, actorID: "ana", displayName: "Ana"),
            open: true,
            typing: true, audience: Audience(departmentID: "sales"))
        func event() -> FeedEvent { FeedEvent(.typing(typing), of: "conversations", cursor: "") }
        let told = event().sent(to: viewer("bob", ["sales"]))
        #expect(told?.name == "typing" && told?.data.contains(#""typing":true"#) == true)
        #expect(told?.data.contains("sales") == false)
        #expect(event().sent(to: viewer("ana", ["sales"])) == nil)
        #expect(event().sent(to: viewer("cleo", ["support"])) == nil)
        #expect(event().sent(toVisitor: "v1", account: "acc") == nil)
        (typing.visitorID, typing.channelAccountID) = ("v1", "acc")
        let visitor = event().sent(toVisitor: "v1", account: "acc")
        #expect(visitor?.name == "typing" && visitor?.data.contains("Ana") == true && visitor?.data.contains("t1") == false)
        #expect(event().sent(toVisitor: "v2", account: "acc") == nil && event().sent(toVisitor: "v1", account: "other") == nil)
    }

    @Test func newsReachTheBrowserAndAreResumed() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            var last = ""
            try await edge.stream("/v1/stream") { events in
                let ready = try await events.next()
                #expect(ready?.name == "ready")
                edge.conversations.commit(event("c1"))
                let first = try await events.next()
                #expect(first?.name == "message_added")
                #expect(first?.data.contains("\"audienceAfter\"") == false)
                last = first?.id ?? ""
            }
            for number in 2...5 { edge.conversations.commit(event("c\(number)")) }
            try await edge.stream("/v1/stream", headers: [("Last-Event-ID", last)]) { events in
                edge.conversations.commit(event("c6"))
                var seen: [String] = []
                while seen.count < 5, let event = try await events.next() {
                    if event.name != "ready" { seen.append(JSONParser.text(event.data, "conversationId")) }
                }
                #expect(seen == ["c2", "c3", "c4", "c5", "c6"])
            }
        }
    }

    @Test func aServiceThatIsAwayIsSaidAndItsNewsComeWhenItIsBack() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            edge.contacts.isDown.raise()
            edge.commitBoth(1)
            try await edge.untilHubIs(at: 1)
            let start = StreamPosition(cursors: ["conversations": "0", "contacts": "0"]).text
            try await edge.stream("/v1/stream", headers: [("Last-Event-ID", start)]) { events in
                let first = try await events.next()
                #expect(JSONParser.text(first?.data ?? "", "conversationId") == "c1")
                // The replay of contacts cannot be had; the process's own Watch is open still.
                let stale = try await events.next()
                #expect(stale?.name == "stale" && stale?.data == #"{"service":"contacts"}"#)
                let ready = try await events.next()
                #expect(ready?.name == "ready")
                edge.commitBoth(2)
                var seen = Seen()
                while !seen.hasAll(1), let event = try await events.next() { seen.note(event) }
                #expect(seen.conversations == ["c2"] && seen.contacts == ["p2"])
            }
        }
    }

    @Test func newsOfContactsNameThemAndTellNoValues() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                edge.commitBoth(1)
                var event = try await events.next()
                if event?.name == "message_added" { event = try await events.next() }
                #expect(event?.name == "contact_updated")
                #expect(event?.data.contains(#""contactId":"p1""#) == true && event?.data.contains("display_name") == true)
                #expect(event?.data.contains("secret") == false)
            }
            try await edge.stream("/widget/v1/events", token: "visitor") { events in
                _ = try await events.next()
                edge.commitBoth(2)
                edge.conversations.commit(event("c3", visitor: "v1"))
                let seen = try await events.next()
                #expect(seen?.name == "message")
            }
        }
    }

    @Test("C55, S42: news of tickets and colleagues are told, internal tickets only to those who may see them, rows to nobody")
    func newsOfTicketsAndColleagues() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                edge.tickets.commit(TicketEvent(kind: .created, ticketID: "hidden", internal: true))
                edge.tickets.commit(TicketEvent(kind: .breached, ticketID: "t1", ticket: Ticket(subject: "secret")))
                let ticket = try await events.next()
                #expect(ticket?.name == "ticket_breached" && ticket?.data.contains(#""ticketId":"t1""#) == true)
                #expect(ticket?.data.contains("secret") == false)
                edge.routing.commit(
                    RoutingEvent(
                        kind: .presence, subject: "a1", presenceAfter: .offline, row: .agent(Agent(displayName: "secret"))))
                let presence = try await events.next()
                #expect(presence?.name == "routing_presence" && presence?.data.contains("PRESENCE_STATE_OFFLINE") == true)
                #expect(presence?.data.contains("secret") == false)
            }
            try await edge.stream("/v1/stream", token: "agent2") { events in
                _ = try await events.next()
                edge.tickets.commit(TicketEvent(kind: .created, ticketID: "t2"))
                edge.commitBoth(1)
                let first = try await events.next()
                #expect(first?.name == "message_added")
            }
        }
    }

    @Test("C41: the stream of an agent who is deactivated ends at once; a colleague's goes on")
    func C41_deactivation() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                for (id, state) in [("a9", AgentState.deactivated), (FakeConversations.agentID, .active)] {
                    edge.routing.commit(
                        RoutingEvent(kind: .agent, subject: id, row: .agent(Agent(agentID: id, state: state))))
                    let told = try await events.next()
                    #expect(told?.name == "routing_agent")
                }
                edge.routing.commit(
                    RoutingEvent(
                        kind: .agent, subject: FakeConversations.agentID,
                        row: .agent(Agent(agentID: FakeConversations.agentID, state: .deactivated))))
                let end = try await events.next()
                #expect(end?.name == "reset" && end?.data.contains("rights_changed") == true)
                #expect(try await events.next() == nil)
            }
        }
    }

    @Test func viewersSeeWhatIsTheirsAndLoseWhatIsNot() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                let (sales, billing) = (Audience(departmentID: "sales"), Audience(departmentID: "billing"))
                edge.conversations.commit(event("other", after: billing, department: "billing"))
                edge.conversations.commit(event("gone", before: sales, after: billing, department: "billing"))
                edge.conversations.commit(event("late", after: sales, department: "billing"))
                edge.conversations.commit(
                    event("mine", after: Audience(departmentID: "billing", assigneeID: FakeConversations.agentID)))
                edge.conversations.commit(
                    event("mentioned", after: Audience(departmentID: "billing", mentionedAgentIDs: [FakeConversations.agentID])))
                let gone = try await events.next()
                #expect(gone?.name == "conversation_removed")
                #expect(gone?.data == #"{"conversationId":"gone"}"#)
                let late = try await events.next()
                #expect(late?.data.contains("\"conversation\":") == false)
                let mine = try await events.next()?.data ?? ""
                #expect(JSONParser.text(mine, "conversationId") == "mine")
                let mentioned = try await events.next()?.data ?? ""
                #expect(JSONParser.text(mentioned, "conversationId") == "mentioned")
            }
        }
    }

    @Test func visitorsSeeTheirOwnAndNothingElse() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/widget/v1/events?ticket=ticket", token: nil) { events in
                _ = try await events.next()
                edge.conversations.commit(event("c1", visitor: "somebody"))
                edge.conversations.commit(event("c2"))
                edge.conversations.commit(event("c3", visitor: "v1"))
                let seen = try await events.next()
                #expect(seen?.name == "message")
                #expect(seen?.data.contains("m-c3") == true)
            }
            #expect(try await edge.send("GET", "/v1/stream", token: "visitor").status == 403)
            #expect(try await edge.send("GET", "/widget/v1/events", token: "agent").status == 403)
            #expect(try await edge.send("GET", "/widget/v1/events?ticket=old", token: nil).status == 401)
        }
    }

    @Test func quietStreamsAreKeptAliveAndEndWithTheToken() async throws {
        try await EdgeUnderTest.run(authenticator: FakeAuthenticator(lifetime: 3)) { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                let reset = try await events.next()
                #expect(reset?.name == "reset")
                #expect(reset?.data == #"{"reason":"token_expired"}"#)
                #expect(events.comments >= 2)
                let end = try await events.next()
                #expect(end == nil)
            }
        }
    }

    @Test func changedRightsStartTheStreamOver() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            try await edge.stream("/v1/stream") { events in
                _ = try await events.next()
                edge.conversations.state.withLock { $0.scope.departments = [] }
                let told = try await events.next()
                #expect(told?.data == #"{"reason":"rights_changed"}"#)
                let end = try await events.next()
                #expect(end == nil)
            }
        }
    }

    @Test func positionsThatDoNotHoldAreTold() async throws {
        try await EdgeUnderTest.run { edge in
            try await edge.untilLive()
            #expect(try await edge.send("GET", "/v1/stream", headers: [("Last-Event-ID", "7")]).status == 400)
            let gone = StreamPosition(cursors: ["conversations": "gone"]).text
            try await edge.stream("/v1/stream", headers: [("Last-Event-ID", gone)]) { events in
                let told = try await events.next()
                #expect(told?.name == "reset")
                let end = try await events.next()
                #expect(end == nil)
            }
        }
    }
}

extension JSONParser {
    /// A string member of a JSON text.
    static func text(_ json: String, _ member: String) -> String { (try? parse(Array(json.utf8)))?[member]?.stringValue ?? "" }
}
