import AsyncHTTPClient
import ContactsV1
import GRPC
import Testing

@testable import Gateway

/// Server streams of the contracts over HTTP: `Watch` of contacts.
@Suite("API 10: server streams as events and as lines", .timeLimit(.minutes(1)))
struct TranscodedStreamTests {
    private func contact(_ number: Int) -> ContactEvent { ContactEvent(kind: .updated, contactID: "p\(number)") }

    @Test("events: a jittered retry, an id to resume from, pings while nothing happens, and an error in the end")
    func events() async throws {
        try await EdgeUnderTest.run { edge in
            edge.contacts.commit(contact(1))
            let accept = ("Accept", "text/event-stream")
            try await edge.stream("/v1/contacts:watch", headers: [accept]) { events in
                let first = try #require(try await events.next())
                #expect(first.id == "1" && first.data.contains(#""contactId":"p1""#))
                let live = try await events.next()
                #expect(live?.data.contains(#""live":true"#) == true)
                while events.comments < 2 { try await events.readComment() }
                #expect((1000...3000).contains(events.retry ?? 0))
                edge.contacts.isDown.raise()
                edge.contacts.commit(contact(2))
                let error = try await events.next()
                #expect(error?.name == "error")
                let problem = try JSONParser.parse(Array((error?.data ?? "").utf8))
                #expect(problem["status"] == 503 && problem["code"] == "UNAVAILABLE")
                let end = try await events.next()
                #expect(end == nil)
            }
            // Before the first byte the status is the real one.
            let refused = try await edge.send("GET", "/v1/contacts:watch", headers: [accept])
            #expect(refused.status == 503 && refused["Content-Type"] == "application/problem+json")
        }
    }

    @Test("a stream is resumed by Last-Event-ID, and comes as lines for who asks for them")
    func resumedAndAsLines() async throws {
        try await EdgeUnderTest.run { edge in
            for number in 1...3 { edge.contacts.commit(contact(number)) }
            try await edge.stream(
                "/v1/contacts:watch", headers: [("Accept", "text/event-stream"), ("Last-Event-ID", "2")]
            ) { events in
                let first = try await events.next()
                #expect(first?.id == "3")
            }
            try await edge.stream("/v1/contacts:watch", headers: [("Accept", "application/x-ndjson")]) { lines in
                for number in 1...3 {
                    let line = try await lines.line()
                    #expect(line.hasPrefix("{") && line.contains(#""contactId":"p\#(number)""#))
                }
            }
            let other = try await edge.send("GET", "/v1/contacts:watch", headers: [("Accept", "text/html")])
            #expect(other.status == 406)
        }
    }
}
