import Testing
import Trials

@testable import GRPC

@Suite("Methods as the service configuration has them", .timeLimit(.minutes(1)))
struct MethodConfigurationTests {
    private func client(_ json: String) throws -> ChannelConfiguration {
        var configuration = ChannelConfiguration()
        configuration.service = try ServiceConfiguration(json: json)
        return configuration
    }

    @Test("a retry policy repeats the codes that it names, whatever the method; the server is told of earlier attempts")
    func retries() async throws {
        let client = try client(
            """
            {"methodConfig": [{"name": [{"service": "test.Notes", "method": "Unary"}], "retryPolicy": {"maxAttempts": 3,
              "initialBackoff": "0.001s", "maxBackoff": "0.002s", "backoffMultiplier": 2, "retryableStatusCodes": ["ABORTED"]}}]}
            """)
        let previous = Log()
        try await Loopback.run(client: client) { router in
            router.unary(.unary) { (note: Note, context) -> Note in
                await previous.add("\(context.previousAttempts)")
                throw RPCError(code: note.text == "race" ? .aborted : .unavailable, message: "no")
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("race")) } == .aborted)
            #expect(await previous.lines == ["0", "1", "2"])
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("down")) } == .unavailable)
            #expect(await previous.lines.count == 4)
        }
    }

    @Test("throttling: once the tokens are used up, calls are made once")
    func throttling() async throws {
        let client = try client(
            """
            {"retryThrottling": {"maxTokens": 4, "tokenRatio": 0.1}, "methodConfig": [{"name": [{}],
              "retryPolicy": {"maxAttempts": 5, "initialBackoff": "0.001s", "maxBackoff": "0.002s", "backoffMultiplier": 1,
              "retryableStatusCodes": ["ABORTED"]}}]}
            """)
        let calls = Counter()
        try await Loopback.run(client: client) { router in
            router.unary(.unary) { (_: Note, _) -> Note in
                await calls.add(1)
                throw RPCError(code: .aborted, message: "no")
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .aborted)
            #expect(await calls.value == 2)
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .aborted)
            #expect(await calls.value == 3)
        }
    }

    @Test("timeout, and the caller's own where it is shorter")
    func timeout() async throws {
        let client = try client(#"{"methodConfig": [{"name": [{}], "timeout": "100s"}]}"#)
        try await Loopback.run(client: client) { router in
            router.unary(.unary) { (_: Note, context) in
                let left = context.deadline.map { ContinuousClock.now.duration(to: $0) } ?? .zero
                return Note(left > .seconds(10) && left <= .seconds(100) ? "the method's" : "the caller's")
            }
        } _: { loopback in
            let long: Note = try await loopback.channel.unary(.unary, Note("n"))
            #expect(long.text == "the method's")
            let short: Note = try await loopback.channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(9)))
            #expect(short.text == "the caller's")
        }
    }

    @Test("bounds of messages")
    func sizes() async throws {
        let client = try client(
            #"{"methodConfig": [{"name": [{}], "maxRequestMessageBytes": 10, "maxResponseMessageBytes": 20}]}"#)
        try await Loopback.run(client: client) { router in
            router.unary(.unary) { (note: Note, _) in Note(String(repeating: note.text, count: 3)) }
        } _: { loopback in
            for (request, expected) in [("123456", nil), ("1234567", .resourceExhausted), ("12345678901", .resourceExhausted)]
                as [(String, StatusCode?)]
            {
                #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note(request)) } == expected)
            }
        }
    }

    @Test("waitForReady, and the caller's own where it is given")
    func waitForReady() async throws {
        let replica = try await Replica.start("gone")
        await replica.stop()
        let channel = Channel(
            addresses: [replica.address],
            configuration: try client(#"{"methodConfig": [{"name": [{}], "waitForReady": false}]}"#))
        #expect(await code { let _: Note = try await channel.unary(.unary, Note("n")) } == .unavailable)
        let patient = CallOptions(timeout: .milliseconds(100), waitForReady: true)
        #expect(await code { let _: Note = try await channel.unary(.unary, Note("n"), patient) } == .deadlineExceeded)
        await channel.close()
    }
}
