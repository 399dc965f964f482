import HTTP2
import Synchronization
import Testing
import Trials

@testable import GRPC

/// Our client against servers that refuse, go away, fall silent or die, frame by frame.
@Suite("A client and servers that misbehave", .timeLimit(.minutes(1)))
struct UnhappyServerTests {
    /// A server played by the test and a channel to it.
    private func play(
        _ configure: (inout ChannelConfiguration) -> Void = { _ in }, _ body: (RawServer, Channel) async throws -> Void
    ) async throws {
        var greeting = RawFrames()
        greeting.settings()
        let server = try await RawServer.start(greeting: greeting)
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(10)
        configuration.backoff.max = .milliseconds(20)
        configuration.retry.wait = .milliseconds(1)
        configure(&configuration)
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
        do {
            try await body(server, channel)
        } catch {
            await channel.close()
            await server.stop()
            throw error
        }
        await channel.close()
        await server.stop()
    }

    private func frames(_ build: (inout RawFrames) -> Void) -> RawFrames {
        var frames = RawFrames()
        build(&frames)
        return frames
    }

    // MARK: Transparent retry

    @Test(
        "a call that was refused unseen is made again, whatever its kind: REFUSED_STREAM, or above GOAWAY's last id",
        arguments: [false, true], [MethodKind.unary, .clientStreaming, .bidirectionalStreaming])
    func transparentRetry(goesAway: Bool, kind: MethodKind) async throws {
        try await play { server, channel in
            let method = MethodDescriptor.note("Once", kind)
            async let answer: String = {
                switch kind {
                case .unary:
                    let note: Note = try await channel.unary(method, Note("one"))
                    return note.text
                case .clientStreaming:
                    let note: Note = try await channel.clientStreaming(method) { (requests: RequestWriter<Note>) in
                        try await requests.write(Note("one"))
                    }
                    return note.text
                default:
                    return try await channel.bidirectional(method) {
                        (requests: RequestWriter<Note>, responses: ResponseStream<Note>) in
                        try await requests.write(Note("one"))
                        requests.finish()
                        var iterator = responses.makeAsyncIterator()
                        return try await iterator.next()?.text ?? "nothing"
                    }
                }
            }()
            let first = try await server.request()
            // What was sent must have arrived once, so that it is certainly sent a second time.
            try await eventually { first.peer.frames.contains { $0.type == 0 && $0.flags & 1 == 1 } }
            first.peer.send(
                frames { frames in
                    if goesAway { frames.goAway(last: 0) } else { frames.reset(stream: first.stream, code: 7) }
                })
            let second = try await server.request(after: 1)
            try await eventually {
                second.peer.frames.contains { $0.type == 0 && $0.stream == second.stream && $0.flags & 1 == 1 }
            }
            let body = second.peer.frames.filter { $0.type == 0 && $0.stream == second.stream }.flatMap(\.payload)
            #expect(body == [0, 0, 0, 0, 3] + "one".utf8)
            second.peer.send(frames { $0.answer(stream: second.stream, Array("two".utf8)) })
            #expect(try await answer == "two")
        }
    }

    @Test("a stream that the server has begun to answer is not made again")
    func notAfterAnAnswer() async throws {
        try await play { server, channel in
            async let answer = code {
                try await channel.bidirectional(.both) { (_: RequestWriter<Note>, responses: ResponseStream<Note>) in
                    for try await _ in responses {}
                }
            }
            let request = try await server.request()
            request.peer.send(
                frames { frames in
                    frames.frame(
                        type: 1, flags: 4, stream: request.stream, [0x88] + RawFrames.field("content-type", "application/grpc"))
                    frames.reset(stream: request.stream, code: 7)
                })
            #expect(await answer == .unavailable)
            #expect(server.connections.flatMap(\.frames).filter { $0.type == 1 }.count == 1)
        }
    }

    @Test("a stream that has sent more than is kept is not made again")
    func notPastTheReplayBuffer() async throws {
        try await play {
            $0.retry.replayBytesMax = 2
        } _: { server, channel in
            async let answer = code {
                try await channel.bidirectional(.both) { (requests: RequestWriter<Note>, responses: ResponseStream<Note>) in
                    try await requests.write(Note("one"))
                    for try await _ in responses {}
                }
            }
            let request = try await server.request()
            try await eventually { request.peer.frames.contains { $0.type == 0 } }
            request.peer.send(frames { $0.reset(stream: request.stream, code: 7) })
            #expect(await answer == .unavailable)
        }
    }

    // MARK: Pushback and budget

    @Test("grpc-retry-pushback-ms: a time is kept, a negative one ends it; RESOURCE_EXHAUSTED is repeated only when told")
    func pushback() async throws {
        for (status, pushback, attempts) in [("14", "1", 2), ("14", "-1", 1), ("14", "x", 1), ("8", "1", 2), ("8", nil, 1)] {
            try await play { server, channel in
                async let answer = code { let _: Note = try await channel.unary(.read, Note("n")) }
                let first = try await server.request()
                let more = pushback.map { RawFrames.field("grpc-retry-pushback-ms", $0) } ?? []
                first.peer.send(frames { $0.answer(stream: first.stream, status: status, more: more) })
                if attempts == 2 {
                    let second = try await server.request(after: 1)
                    second.peer.send(frames { $0.answer(stream: second.stream, []) })
                }
                #expect(await answer == (attempts == 2 ? nil : StatusCode(rawValue: Int32(status) ?? 0)))
            }
        }
    }

    @Test("our server's pushback reaches our client")
    func pushbackBothWays() throws {
        for pushback in [RetryPushback.never, .after(.milliseconds(1_500))] {
            var error = RPCError(code: .unavailable, message: "later")
            error.retryPushback = pushback
            let parsed = StatusWire.parse(StatusWire.fields(error), httpStatus: "200")
            let read = #expect(throws: RPCError.self) { try parsed.get() }
            #expect(read?.retryPushback == pushback)
        }
    }

    @Test("repetition stops while half of the budget is gone, and comes back with successes")
    func budget() {
        let retry = ChannelConfiguration.Retry()
        let budget = RetryBudget(RetryThrottling(tokensMax: 10, tokensPerSuccess: 0.1))
        let failure = RPCError(code: .unavailable, message: "not now")
        func isRepeated() -> Bool {
            var repetition = Repetition(retry, budget, retry.policy)
            return repetition.waitAfter(failure) != nil
        }
        #expect((1...100).filter { _ in isRepeated() }.count == 4)
        for _ in 1...61 { budget.succeeded() }
        #expect((1...100).filter { _ in isRepeated() }.count == 1)
    }

    // MARK: Silence and death

    @Test("keepalive: a server that answers no PING is given up, and the call is UNAVAILABLE")
    func silentServer() async throws {
        try await play { configuration in
            var keepAlive = KeepAlive(interval: .seconds(10))
            keepAlive.interval = .milliseconds(100)
            keepAlive.timeout = .milliseconds(100)
            configuration.keepAlive = keepAlive
        } _: { server, channel in
            #expect(await code { let _: Note = try await channel.unary(.unary, Note("n")) } == .unavailable)
            let peer = try #require(server.connections.first)
            try await eventually { peer.isClosed }
            #expect(peer.frames.contains { $0.type == 6 })
        }
    }

    @Test("keepalive: a server that answers is kept through a long call; one interval is at least 10 s unless a test says so")
    func keptAlive() async throws {
        #expect(KeepAlive(interval: .milliseconds(1)).interval == .seconds(10))
        var client = ChannelConfiguration()
        var keepAlive = KeepAlive(interval: .seconds(10))
        keepAlive.interval = .milliseconds(50)
        client.keepAlive = keepAlive
        try await Loopback.run(client: client) { router in
            router.unary(.unary) { (note: Note, context) in
                try await Task.sleep(for: .milliseconds(500))
                return Note(context.peer)
            }
        } _: { loopback in
            let first: Note = try await loopback.channel.unary(.unary, Note("n"))
            let second: Note = try await loopback.channel.unary(.unary, Note("n"))
            #expect(first == second, "the same connection")
        }
    }

    @Test("keepalive: a client that pings too often is told too_many_pings")
    func abuser() async throws {
        var client = ChannelConfiguration()
        var keepAlive = KeepAlive(interval: .seconds(10))
        keepAlive.interval = .milliseconds(20)
        client.keepAlive = keepAlive
        client.retry.attemptsMax = 1
        var configuration = ServerConfiguration()
        configuration.http2 = .edge
        try await Loopback.run(configuration: configuration, client: client) { router in
            router.unary(.unary) { (note: Note, _) in
                try await Task.sleep(for: .seconds(30))
                return note
            }
        } _: { loopback in
            #expect(await code { let _: Note = try await loopback.channel.unary(.unary, Note("n")) } == .unavailable)
        }
    }

    @Test(
        "what a reset in the middle of a call means",
        arguments: [
            (0, .internal), (1, .internal), (2, .internal), (3, .internal), (4, .internal), (6, .internal), (8, .cancelled),
            (9, .internal), (10, .internal), (11, .resourceExhausted), (12, .permissionDenied),
        ] as [(UInt32, StatusCode)])
    func resets(code reset: UInt32, status: StatusCode) async throws {
        try await play { server, channel in
            async let answer = code { let _: Note = try await channel.unary(.unary, Note("n")) }
            let request = try await server.request()
            request.peer.send(frames { $0.reset(stream: request.stream, code: reset) })
            #expect(await answer == status)
        }
    }

    @Test("a connection that dies after the head, or inside a message, is UNAVAILABLE")
    func dies() async throws {
        for inMessage in [false, true] {
            try await play { server, channel in
                async let answer = code { let _: Note = try await channel.unary(.unary, Note("n")) }
                let request = try await server.request()
                request.peer.send(
                    frames { frames in
                        frames.frame(
                            type: 1, flags: 4, stream: request.stream,
                            [0x88] + RawFrames.field("content-type", "application/grpc"))
                        if inMessage { frames.data(stream: request.stream, [0, 0, 0, 0, 9, 1]) }
                    })
                try await eventually { request.peer.frames.contains { $0.type == 0 } }
                request.peer.close()
                #expect(await answer == .unavailable)
            }
        }
    }

    @Test(
        "a reset behind the head, inside an answer, or between it and its trailers, ends the call; one behind them changes nothing"
    )
    func resetsOnTheWay() async throws {
        let points: [([UInt8], trailers: Bool, StatusCode?)] = [
            ([], false, .internal), ([0, 0, 0, 0, 9, 1], false, .internal), ([0, 0, 0, 0, 1, 7], false, .internal),
            ([0, 0, 0, 0, 1, 7], true, nil),
        ]
        for (data, trailers, expected) in points {
            try await play { server, channel in
                async let answer = code { let _: Note = try await channel.unary(.unary, Note("n")) }
                let request = try await server.request()
                request.peer.send(
                    frames { frames in
                        frames.frame(
                            type: 1, flags: 4, stream: request.stream,
                            [0x88] + RawFrames.field("content-type", "application/grpc"))
                        if !data.isEmpty { frames.data(stream: request.stream, data) }
                        if trailers {
                            frames.frame(type: 1, flags: 5, stream: request.stream, RawFrames.field("grpc-status", "0"))
                        }
                        frames.reset(stream: request.stream, code: 2)
                    })
                #expect(await answer == expected)
            }
        }
    }

    @Test("a server that goes away as soon as it is connected to is not hammered with connections")
    func goesAwayAtOnce() async throws {
        let greeting = frames { frames in
            frames.settings()
            frames.goAway(last: 0)
        }
        let server = try await RawServer.start(greeting: greeting)
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .seconds(30)
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
        let options = CallOptions(timeout: .seconds(1))
        #expect(await code { let _: Note = try await channel.unary(.unary, Note("n"), options) } == .deadlineExceeded)
        // The first one, and one at once because it had been ready.
        #expect((1...2).contains(server.connections.count))
        await channel.close()
        await server.stop()
    }

    @Test("a server of one stream at a time, with padded frames and PINGs between, serves every call")
    func oneStreamAtATime() async throws {
        try await play { server, channel in
            async let answers: Int = withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<5 {
                    group.addTask {
                        let note: Note = try await channel.unary(.unary, Note("n"), CallOptions(timeout: .seconds(30)))
                        return note.bytes.count
                    }
                }
                return try await group.reduce(0, +)
            }
            for seen in 0..<5 {
                let request = try await server.request(after: seen)
                request.peer.send(
                    frames { frames in
                        frames.frame(type: 4, [0, 3, 0, 0, 0, 1])
                        for _ in 0..<100 { frames.ping() }
                        frames.frame(
                            type: 1, flags: 4, stream: request.stream,
                            [0x88] + RawFrames.field("content-type", "application/grpc"))
                        // One byte says how many of padding follow the data.
                        frames.frame(type: 0, flags: 8, stream: request.stream, [3, 0, 0, 0, 0, 1, 7, 0, 0, 0])
                        frames.frame(type: 1, flags: 5, stream: request.stream, RawFrames.field("grpc-status", "0"))
                    })
            }
            #expect(try await answers == 5)
        }
    }
}
