import HTTP2
import Testing
import Trials

@testable import GRPC

@Suite("PING frames that tell dead peers from quiet ones", .timeLimit(.minutes(1)))
struct KeepAliveTests {
    private func keepAlive(_ interval: Duration, timeout: Duration = .seconds(30)) -> KeepAlive {
        var keepAlive = KeepAlive(interval: .seconds(10))
        keepAlive.interval = interval
        keepAlive.timeout = timeout
        return keepAlive
    }

    @Test("a client that is gone without a word (half-open) is found by the server, and named")
    func halfOpen() async throws {
        try await Siege.run {
            $0.keepAlive = keepAlive(.milliseconds(100), timeout: .seconds(3))
        } _: { _ in
        } _: { siege in
            // The victim's connection answers its PING frames meanwhile.
            let peer = try await siege.connect()
            try await eventually { peer.isClosed }
            #expect(peer.frames.contains { $0.type == 6 })
            try await siege.expectNamed("ping_unanswered")
        }
    }

    @Test("a client without calls sends none, unless it is told to")
    func withoutCalls() async throws {
        for always in [false, true] {
            var greeting = RawFrames()
            greeting.settings()
            let server = try await RawServer.start(greeting: greeting)
            var configuration = ChannelConfiguration()
            configuration.keepAlive = keepAlive(.milliseconds(20))
            configuration.keepAlive?.withoutCalls = always
            let channel = Channel(
                addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
            let connection = try await channel.pool.pick(waits: true, deadline: nil)
            if always {
                try await eventually { server.connections.contains { $0.frames.contains { $0.type == 6 } } }
            } else {
                // What leaves later than several intervals' PING frames would have: a request.
                let timer = connection.executor.eventLoop.scheduleTask(in: .milliseconds(200)) {}
                try await timer.futureResult.get()
                #expect(!server.connections.contains { $0.frames.contains { $0.type == 6 } })
            }
            await channel.close()
            await server.stop()
        }
    }

    @Test("a client that is told too_many_pings doubles its interval, each time")
    func tooManyPings() async throws {
        var greeting = RawFrames()
        greeting.settings()
        let server = try await RawServer.start(greeting: greeting)
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(10)
        configuration.backoff.max = .milliseconds(10)
        configuration.keepAlive = keepAlive(.milliseconds(10))
        let channel = Channel(addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
        async let call: Note = channel.unary(.unary, Note("n"))
        for round in 1...3 {
            let request = try await server.request(after: round - 1)
            var frames = RawFrames()
            frames.frame(type: 7, RawFrames.big(0) + RawFrames.big(11) + Array("too_many_pings".utf8))
            request.peer.send(frames)
            try await eventually { channel.pool.state.withLock { $0.tooManyPings } == round }
        }
        let request = try await server.request(after: 3)
        var answer = RawFrames()
        answer.answer(stream: request.stream, [])
        request.peer.send(answer)
        _ = try await call
        await channel.close()
        await server.stop()
    }
}
