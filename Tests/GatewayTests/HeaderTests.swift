@testable import Gateway
import Testing

@Suite struct HeaderTests {
    @Test func idempotencyKeyIsAStructuredStringOrBare() {
        #expect(IdempotencyKey.parse(#""8e03978e-40d5-43dd-bc93-6894a57f9324""#) == "8e03978e-40d5-43dd-bc93-6894a57f9324")
        #expect(IdempotencyKey.parse("8e03978e") == "8e03978e")
        for bad in ["", "\"\"", "\"a", "a b", "a\"b", String(repeating: "x", count: 129)] {
            #expect(IdempotencyKey.parse(bad) == nil)
        }
    }

    @Test func entityTagLists() {
        #expect(EntityTag.parseList(" * ") == .any)
        #expect(EntityTag.parseList(#""1", W/"2""#) == .tags([EntityTag("\"1\""), EntityTag(weak: true, "\"2\"")]))
        for bad in ["", "1", "\"1", "\"1\" \"2\"", "\"1\",", "w/\"1\""] { #expect(EntityTag.parseList(bad) == nil) }
        #expect(EntityTag.parseList(#"W/"1""#)?.matchesWeakly(EntityTag("\"1\"")) == true)
    }

    @Test func requestIDsOfCallersAreTakenOnlyIfHarmless() {
        #expect(RequestID.accepted("abc.DEF_1-2") == "abc.DEF_1-2")
        for bad in ["", "a b", "a\nb", String(repeating: "a", count: 65), "é"] { #expect(RequestID.accepted(bad) == nil) }
        #expect(RequestID.generate().count == 32)
    }

    @Test func traceParent() {
        let good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        #expect(TraceParent.accepted(good) == good)
        #expect(TraceParent.accepted("cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-what") == good)
        for bad in [
            good.uppercased(), good + "-x", "ff" + good.dropFirst(2), "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01", "00-4bf92f35-00f067aa0ba902b7-01", "",
        ] { #expect(TraceParent.accepted(bad) == nil) }
        #expect(TraceParent.accepted(TraceParent.generate()) != nil)
    }

    @Test func acceptChoosesTheBestOffer() {
        let offers = [MediaType.json, .eventStream]
        #expect(Accept(nil).best(of: offers) == .json)
        #expect(Accept("text/event-stream").best(of: offers) == .eventStream)
        #expect(Accept("application/json;q=0.1, text/*").best(of: offers) == .eventStream)
        #expect(Accept("application/json;q=0, */*").best(of: offers) == .eventStream)
        #expect(Accept("image/png").best(of: offers) == nil)
    }

    @Test func corsEchoesOnlyListedOrigins() {
        let cors = CORS(origins: ["https://shop.example"])
        #expect(cors.preflight(origin: "https://shop.example")?.contains { $0 == ("Access-Control-Max-Age", "7200") } == true)
        for other in ["https://shop.example:444", "http://shop.example", "null", "https://evil.example", "*"] {
            #expect(cors.preflight(origin: other) == nil)
            #expect(!cors.headers(origin: other).contains { $0.0 == "Access-Control-Allow-Origin" })
        }
    }

    @Test func bucketRefillsWithTime() {
        let policy = RateLimiter.Policy(name: "read", burst: 3, perMinute: 60)
        let limiter = RateLimiter(policy)
        let start = ContinuousClock.now
        let verdicts = (0..<4).map { _ in limiter.take("a", now: start) }
        #expect(verdicts.map(\.remaining) == [2, 1, 0, 0])
        #expect(verdicts.map(\.reset) == [.seconds(1), .seconds(2), .seconds(3), .seconds(3)])
        #expect(verdicts.map(\.retryAfter) == [nil, nil, nil, .seconds(1)])
        #expect(limiter.take("b", now: start).remaining == 2)
        #expect(limiter.take("a", now: start.advanced(by: .seconds(1))).retryAfter == nil)
        // In the long run the rate holds: 3 at once, then one a second.
        let allowed = (0..<6000).count { tick in
            limiter.take("c", now: start.advanced(by: .milliseconds(tick * 10))).retryAfter == nil
        }
        #expect((60...65).contains(allowed))
    }

    @Test func eventsCannotForgeFields() {
        #expect(
            ServerSentEvent(id: "1\nevent: x", name: "m\r", data: "a\nb").text == "id: 1event: x\nevent: m\ndata: a\ndata: b\n\n")
        #expect(ServerSentEvent(data: "").text == "data: \n\n")
    }
}
