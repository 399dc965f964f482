import HTTP2
import Testing
import Trials

@testable import GRPC

/// Peers that take their time: each wait has a limit with a name.
@Suite("Slow peers over a socket", .timeLimit(.minutes(1)))
struct SlowPeerTests {
    private var hasty: HTTP2Limits {
        var limits = HTTP2Limits.edge
        limits.headerBlockTimeout = .seconds(1)
        limits.bodyPaceWindow = .seconds(1)
        limits.stallTimeout = .seconds(1)
        return limits
    }

    @Test("the edge waits 5 s for a handshake, 10 s for a header block and for 1,000 bytes of a message, 30 s for a window")
    func defaults() {
        let edge = HTTP2Limits.edge
        #expect(edge.handshakeTimeout == .seconds(5) && edge.headerBlockTimeout == .seconds(10))
        #expect(edge.bodyBytesPerSecondMin == 100 && edge.bodyPaceWindow == .seconds(10))
        #expect(edge.stallTimeout == .seconds(30) && edge.idleTimeout == .seconds(300))
        #expect(edge.sendBufferBytesMax == 256 << 10 && edge.connectionSendBufferBytesMax == 4 << 20)
    }

    @Test("half a preface, and then nothing")
    func handshake() async throws {
        // Here alone: on a busy machine the others' prefaces may take as long.
        var limits = hasty
        limits.handshakeTimeout = .seconds(1)
        try await Siege.run(limits) { siege in
            let peer = try await siege.connect(preface: false)
            peer.send(RawFrames(bytes: Array("PRI * HTTP/2".utf8)))
            try await eventually { peer.isClosed }
            try await siege.expectNamed("handshake_too_slow")
        }
    }

    @Test("HEADERS without END_HEADERS, and then nothing")
    func headerBlock() async throws {
        try await Siege.run(hasty) { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.headers(stream: 1, endHeaders: false)
            peer.send(frames)
            try await siege.expectCalmed(peer, "header_block_too_slow")
        }
    }

    @Test("a message that is begun and not sent ends its call; one that waits for its turn in a stream does not")
    func body() async throws {
        let ended = Signal()
        try await Siege.run(hasty) { _ in
        } _: { router in
            router.bidirectional(.both) { (requests: RequestStream<Note>, _: ResponseWriter<Note>, _) in
                for try await _ in requests {}
                await ended.set()
            }
        } _: { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.request(stream: 1, path: MethodDescriptor.read.path)
            frames.data(stream: 1, [0, 0, 0, 16, 0, 1, 2, 3])
            frames.request(stream: 3, path: MethodDescriptor.both.path)
            frames.data(stream: 3, [0, 0, 0, 0, 1, 7])
            peer.send(frames)
            try await eventually { peer.frames.contains { $0.type == 1 && $0.stream == 1 } }
            try await siege.expectNamed("body_too_slow")
            #expect(siege.count("body_too_slow") == 1)
            var end = RawFrames()
            end.data(stream: 3, endStream: true)
            peer.send(end)
            await ended.wait()
        }
    }

    private func isTooSlow(_ pace: inout BodyPace, _ limits: HTTP2Limits, isAwaited: Bool = true) -> Bool {
        pace.isTooSlow(after: .seconds(1), isAwaited: isAwaited, limits)
    }

    @Test("the pace is counted over a window, and only while bytes are awaited")
    func pace() {
        let limits = HTTP2Limits.edge
        var pace = BodyPace()
        for second in 1...30 {
            pace.arrived(100)
            #expect(!isTooSlow(&pace, limits), "second \(second)")
        }
        for second in 1...9 { #expect(!isTooSlow(&pace, limits), "second \(second)") }
        #expect(!isTooSlow(&pace, limits, isAwaited: false))
        pace.arrived(999)
        for _ in 1...9 { #expect(!isTooSlow(&pace, limits)) }
        #expect(isTooSlow(&pace, limits))
        for _ in 1...100 { #expect(!isTooSlow(&pace, .trusted)) }
    }

    @Test("a client that never opens its window is cut off stream by stream, and other streams answer")
    func stall() async throws {
        try await Siege.run(hasty) { siege in
            let peer = try await siege.connect(preface: false)
            var frames = RawFrames(bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
            frames.settings(windowBytes: 0)
            for stream: UInt32 in [1, 3] {
                frames.request(stream: stream, path: MethodDescriptor.read.path)
                frames.data(stream: stream, [0, 0, 0, 0, 1, 7], endStream: true)
            }
            frames.windowUpdate(stream: 3, by: 100)
            peer.send(frames)
            try await eventually { peer.frames.contains { $0.type == 0 && $0.stream == 3 } }
            try await eventually { peer.reset(of: 1) == HTTP2ErrorCode.cancel.rawValue }
            try await siege.expectNamed("stream_stalled")
            #expect(!peer.frames.contains { $0.type == 0 && $0.stream == 1 })
        }
    }

    @Test("an idle connection is told to go")
    func idle() async throws {
        var limits = HTTP2Limits.edge
        limits.idleTimeout = .seconds(1)
        try await Siege.run(limits) { siege in
            let peer = try await siege.connect()
            try await eventually { peer.isClosed }
            #expect(peer.goAway?.code == 0)
        }
    }

    @Test("connections are counted, in all and by address; the next one is closed at once")
    func connections() async throws {
        try await Siege.run { configuration in
            configuration.connectionsPerAddressMax = 2
        } _: { _ in
        } _: { siege in
            let first = try await siege.connect()
            try await eventually { siege.loopback.server.connectionCount == 2 }
            for count in 1...5 {
                let second = try await siege.connect()
                try await eventually { second.isClosed }
                // Each is counted; the log has one line of all.
                try await siege.expectNamed("too_many_connections_from_one_address")
                #expect(siege.count("too_many_connections_from_one_address") == count)
            }
            first.close()
            try await eventually { siege.loopback.server.connectionCount == 1 }
            let third = try await siege.connect()
            try await eventually { siege.loopback.server.connectionCount == 2 }
            #expect(!third.isClosed)
        }
        try await Siege.run { configuration in
            configuration.connectionsMax = 1
        } _: { _ in
        } _: { siege in
            let peer = try await siege.connect()
            try await eventually { peer.isClosed }
            try await siege.expectNamed("too_many_connections")
        }
    }

    @Test("of the process's file descriptors connections have three quarters, of few half")
    func descriptors() {
        #expect([0, 64, 256, 1_024].map(FileDescriptors.connections) == [1, 32, 192, 768])
        #expect(FileDescriptors.forConnections > 1)
    }

    @Test("what waits for a client is bounded by connection and by stream, and a stream without a backlog goes on")
    func sendBudget() async throws {
        let (written, streams, size) = (Tally(), 20, 50_000)
        var limits = HTTP2Limits.edge
        limits.stallTimeout = nil
        limits.connectionSendBufferBytesMax = 1 << 20
        try await Siege.run(limits) { _ in
        } _: { router in
            router.serverStreaming(.server) { (_: Note, responses: ResponseWriter<Note>, _) in
                while true {
                    written.add(size + 5)
                    try await responses.write(Note(bytes: [UInt8](repeating: 1, count: size)))
                }
            }
        } _: { siege in
            let peer = try await siege.connect(preface: false)
            var frames = RawFrames(bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
            frames.settings(windowBytes: 0)
            for index in 0..<streams {
                frames.request(stream: UInt32(1 + 2 * index), path: MethodDescriptor.server.path)
                frames.data(stream: UInt32(1 + 2 * index), [0, 0, 0, 0, 0], endStream: true)
            }
            peer.send(frames)
            let held = try await settled(written, above: streams * size)
            // The connection's bound, and one message for each stream.
            #expect(held <= (1 << 20) + streams * (size + 5))
            // One that gets window goes on while the others stall.
            let before = written.value
            var more = RawFrames()
            more.windowUpdate(stream: 0, by: 10_000_000)
            more.windowUpdate(stream: 1, by: 1_000_000)
            peer.send(more)
            try await eventually { written.value >= before + 10 * size }
        }
    }
}
