import ConversationsV1
import GRPC
import Testing

@testable import Gateway

@Suite struct ComposedTests {
    @Test func theInboxHasNamesAndCounts() async throws {
        try await EdgeUnderTest.run { edge in
            let inbox = try await edge.send("GET", "/v1/inbox?view=INBOX_VIEW_QUEUE&pageSize=2")
            #expect(inbox.status == 200)
            let row = inbox.json["conversations"]?.arrayValue?.first
            #expect(row?["conversation"]?["conversationId"] == "c1")
            #expect(row?["contact"]?["displayName"] == "Name of p1")
            #expect(
                row?["ticket"] == [
                    "ticketId": "t1", "number": "SUP-7", "status": "TICKET_STATUS_OPEN", "priorityId": "urgent",
                    "dueTime": "2027-01-15T08:00:00Z", "breached": false,
                ])
            #expect(inbox.json["conversations"]?.arrayValue?.last?["ticket"] == .null)
            #expect(inbox.json["counts"]?.arrayValue?.first?["count"] == 2)
            #expect(inbox.json["nextPageToken"] == "next=1")
            #expect(inbox.json["warnings"] == [])
            #expect(try await edge.send("GET", "/v1/inbox?nothing=1").status == 400)
        }
    }

    @Test func aMissingPartIsSaidAndTheRestIsThere() async throws {
        try await EdgeUnderTest.run { edge in
            edge.contacts.isDown.raise()
            let inbox = try await edge.send("GET", "/v1/inbox")
            #expect(inbox.status == 200)
            #expect(inbox.json["conversations"]?.arrayValue?.first?["contact"] == .null)
            #expect(inbox.json["warnings"] == [["service": "contacts", "reason": "UNAVAILABLE"]])
            let details = try await edge.send("GET", "/v1/conversations/c1/details")
            #expect(details.json["conversation"]?["conversationId"] == "c1")
            #expect(details.json["contact"] == .null)
            #expect(details.json["warnings"] == [["service": "contacts", "reason": "UNAVAILABLE"]])
        }
    }

    @Test("S11, S42: the detail holds the ticket with its clocks; who may not read tickets is shown none, and no warning")
    func theDetailHasTheTicket() async throws {
        try await EdgeUnderTest.run { edge in
            let details = try await edge.send("GET", "/v1/conversations/c1/details")
            #expect(details.json["ticket"]?["number"] == "SUP-7" && details.json["ticketPending"] == false)
            #expect(details.json["ticket"]?["clocks"]?.arrayValue?.count == 3)
            edge.tickets.isDown.raise()
            for path in ["/v1/conversations/c1/details", "/v1/inbox"] {
                let answer = try await edge.send("GET", path)
                #expect(answer.status == 200 && answer.json["warnings"] == [["service": "tickets", "reason": "UNAVAILABLE"]])
                let blind = try await edge.send("GET", path, token: "agent2")
                #expect(blind.status == 200 && blind.json["warnings"] == [])
            }
        }
    }

    @Test func aMissingRequiredPartFailsTheWhole() async throws {
        try await EdgeUnderTest.run { edge in
            edge.conversations.state.withLock { $0.failure = RPCError(code: .unavailable, message: "down") }
            let inbox = try await edge.send("GET", "/v1/inbox")
            #expect(inbox.status == 503)
            #expect(inbox["Retry-After"] == "1")
            let me = try await edge.send("GET", "/v1/me")
            #expect(me.status == 200)
            #expect(me.json["displayName"] == "Ana")
            #expect(me.json["scope"] == .null)
            #expect(me.json["agent"]?["chatLimit"] == 5 && me.json["agent"]?["presence"] == "PRESENCE_STATE_ONLINE")
        }
    }

    @Test func filesGoUpAndComeDownAsTheyAre() async throws {
        try await EdgeUnderTest.run { edge in
            let bytes = String(repeating: "x", count: 600_000)
            let up = try await edge.send(
                "POST", "/widget/v1/attachments", token: "visitor",
                headers: [("Content-Type", "image/png; a=b"), ("X-File-Name", "f%C3%BCr%20dich.png")], body: bytes)
            #expect(up.status == 201)
            #expect(up.json["fileName"] == "für dich.png")
            #expect(up.json["mediaType"] == "image/png")
            #expect(up.json["sizeBytes"] == 600_000)
            let large = try await edge.send(
                "POST", "/widget/v1/attachments", token: "visitor", headers: [("Content-Type", "image/png")],
                body: String(repeating: "x", count: 2 << 20))
            #expect(large.status == 413)

            let down = try await edge.send("GET", "/widget/v1/attachments/a1/content", token: "visitor")
            #expect(down.text == "<b>!")
            #expect(down["Content-Disposition"] == "attachment; filename*=UTF-8''a%22b.html")
            #expect(down["X-Content-Type-Options"] == "nosniff")
            #expect(down["Content-Security-Policy"] == "sandbox; default-src 'none'")
            #expect(try await edge.send("GET", "/widget/v1/attachments/a2/content", token: "visitor").status == 404)
        }
    }

    @Test("CHANNELS 6: a visitor's token and ticket are good for pages of their session's origin")
    func tokensAreTheirOrigins() async throws {
        try await EdgeUnderTest.run { edge in
            let origins = [("https://shop.example", false), ("https://evil.example", true), ("null", true)]
            for (origin, isRefused) in origins {
                let answer = try await edge.send(
                    "GET", "/widget/v1/messages", token: "visitor", headers: [("Origin", origin)])
                #expect((answer.json["reason"] == "ORIGIN_NOT_ALLOWED") == isRefused, "\(origin) \(answer.text)")
                guard isRefused else { continue }
                #expect(answer.status == 403 && answer["Access-Control-Allow-Origin"] != origin)
                let stream = try await edge.send(
                    "GET", "/widget/v1/events?ticket=ticket", token: nil,
                    headers: [("Origin", origin), ("Accept", "text/event-stream")])
                #expect(stream.status == 403)
            }
        }
    }

    @Test func theOriginOfASessionIsTheBrowsersWord() async throws {
        try await EdgeUnderTest.run { edge in
            let session = try await edge.send(
                "POST", "/widget/v1/sessions", token: nil, headers: [("Origin", "https://shop.example")],
                body: #"{"widgetKey":"k","origin":"https://liar.example"}"#)
            #expect(session.json["visitorId"] == "https://shop.example")
            #expect(session["Access-Control-Allow-Origin"] == "https://shop.example")
            let preflight = try await edge.send(
                "OPTIONS", "/widget/v1/messages", token: nil,
                headers: [("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST")])
            #expect(preflight["Access-Control-Allow-Origin"] == "https://shop.example")
        }
    }

    @Test func thePageLoadsNothingFromElsewhere() async throws {
        try await EdgeUnderTest.run { edge in
            for (path, type, _) in StaticFiles.files {
                let reply = try await edge.send("GET", path, token: nil)
                #expect(reply.status == 200)
                #expect(reply["Content-Type"] == type)
                #expect(reply["Content-Security-Policy"]?.contains("default-src 'none'") == true)
                #expect(reply["Content-Security-Policy"]?.contains("unsafe") == false)
                #expect(!reply.text.contains("https://") && !reply.text.contains("style=\""))
                #expect(!reply.text.contains("innerHTML"))
                let tag = try #require(reply["ETag"])
                #expect(try await edge.send("GET", path, token: nil, headers: [("If-None-Match", tag)]).status == 304)
            }
        }
    }

    @Test("API 10: the parts of the inbox are asked for at the same time")
    func partsAreAskedForInParallel() async throws {
        try await EdgeUnderTest.run { edge in
            // Each of the two answers only once the other was asked.
            edge.conversations.waitsForTheOther.raise()
            let inbox = try await edge.send("GET", "/v1/inbox")
            #expect(inbox.status == 200)
            #expect(inbox.json["counts"]?.arrayValue?.count == 1)
            #expect(inbox.json["warnings"] == [])
        }
    }

    @Test("API 10: a part that does not answer is given up in time; the caller's own deadline bounds the whole")
    func slowParts() async throws {
        try await EdgeUnderTest.run { edge in
            edge.contacts.hangs.raise()
            let inbox = try await edge.send("GET", "/v1/inbox", headers: [("Request-Timeout", "1")])
            #expect(inbox.status == 200)
            #expect(inbox.json["conversations"]?.arrayValue?.count == 2)
            #expect(inbox.json["warnings"] == [["service": "contacts", "reason": "DEADLINE_EXCEEDED"]])
            let contact = try await edge.send("GET", "/v1/contacts/p1", headers: [("Request-Timeout", "0.2")])
            #expect(contact.status == 504)
            #expect(contact.json["code"] == "DEADLINE_EXCEEDED")
        }
    }
}
