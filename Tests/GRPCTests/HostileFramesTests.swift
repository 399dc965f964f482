import HTTP2
import Testing
import Trials

@testable import GRPC

/// The attacks on HTTP/2 over real sockets: each ends the attacker's connection, has a name, and harms nobody else.
@Suite("Hostile frames over a socket", .timeLimit(.minutes(1)))
struct HostileFramesTests {
    private func flood(_ limit: String, _ count: Int, _ frame: (inout RawFrames, UInt32) -> Void) async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for index in 0..<count { frame(&frames, UInt32(1 + 2 * index)) }
            peer.send(frames)
            try await siege.expectCalmed(peer, limit)
            #expect(siege.count(limit) == 1)
        }
    }

    @Test("Rapid Reset (CVE-2023-44487)")
    func rapidReset() async throws {
        try await flood("too_many_resets", 3_000) { frames, stream in
            frames.headers(stream: stream)
            frames.reset(stream: stream)
        }
    }

    @Test("MadeYouReset (CVE-2025-8671)")
    func madeYouReset() async throws {
        try await flood("too_many_resets", 3_000) { frames, stream in
            frames.request(stream: stream, path: MethodDescriptor.read.path)
            frames.windowUpdate(stream: stream, by: 0x7FFF_FFFF)
        }
    }

    @Test("PING flood: three without data are too many at the edge, and the answers end with the third")
    func pings() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for _ in 0..<20_000 { frames.ping() }
            peer.send(frames)
            try await siege.expectCalmed(peer, "too_many_pings")
            #expect(peer.frames.filter { $0.type == 6 }.count <= 3)
        }
    }

    @Test("PING frames whose answers nobody reads, where PING is not counted")
    func unreadAnswers() async throws {
        var limits = HTTP2Limits.edge
        limits.idlePingsPer10Seconds = 0
        try await Siege.run(limits) { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for _ in 0..<200_000 { frames.ping() }
            peer.send(frames)
            try await eventually { peer.isClosed }
            try await siege.expectNamed("too_many_unread_answers")
        }
    }

    @Test("SETTINGS flood")
    func settings() async throws { try await flood("too_many_settings", 20_000) { frames, _ in frames.settings() } }

    @Test("empty DATA flood")
    func emptyData() async throws {
        try await flood("too_many_empty_data_frames", 20_000) { frames, stream in
            if stream == 1 { frames.request(stream: 1, path: MethodDescriptor.read.path) }
            frames.data(stream: 1)
        }
    }

    @Test("PRIORITY flood")
    func priority() async throws {
        try await flood("too_many_priority_frames", 20_000) { frames, stream in frames.priority(stream: stream % 100 | 1) }
    }

    @Test("CONTINUATION flood (CVE-2024-28182)")
    func continuations() async throws {
        try await flood("too_many_continuations", 1_000) { frames, stream in
            if stream == 1 { frames.headers(stream: 1, endHeaders: false) }
            frames.continuation(stream: 1)
        }
    }

    @Test("one legal CONTINUATION that comes byte by byte succeeds")
    func slowContinuation() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.headers(stream: 1, endHeaders: false)
            frames.continuation(stream: 1, RawFrames.field("x", "y"), endHeaders: true)
            for byte in frames.bytes {
                peer.send(RawFrames(bytes: [byte]))
                await Task.yield()
            }
            // 415: the request is no gRPC, but it was understood.
            try await eventually { peer.frames.contains { $0.type == 1 && $0.stream == 1 } }
            #expect(!peer.isClosed)
        }
    }

    @Test("HPACK bomb: the list is counted, not built")
    func hpackBomb() async throws {
        // A literal of 3,900 bytes enters the dynamic table; each further byte refers to it.
        let literal: [UInt8] = [0x40, 0x01, 0x78, 0x7F, 0xBD, 0x1D] + [UInt8](repeating: 0x61, count: 3_900)
        try await flood("header_list_too_large", 20) { frames, stream in
            frames.headers(stream: stream, more: stream == 1 ? literal : [UInt8](repeating: 0xBF, count: 16_000))
        }
    }

    @Test("metadata of 17 KiB is RESOURCE_EXHAUSTED for its call, other calls of the connection live")
    func largeMetadata() async throws {
        try await Siege.run { siege in
            let options = CallOptions(metadata: ["x-large": String(repeating: "a", count: 17 << 10)])
            let answer = await code { let _: Note = try await siege.loopback.channel.unary(.read, Note("n"), options) }
            #expect(answer == .resourceExhausted)
            try await siege.expectNamed("metadata_too_large")
            #expect(siege.loopback.server.connectionCount == 1)
        }
    }

    @Test(
        "frames against the protocol end the connection with an error",
        arguments: [
            ("DATA on stream 0", 0, 0, 0), ("HEADERS on an even stream", 1, 2, 0), ("WINDOW_UPDATE by 0", 8, 0, 4),
            ("PING of 7 bytes", 6, 0, 7), ("RST_STREAM of an idle stream", 3, 99, 4), ("SETTINGS of 5 bytes", 4, 0, 5),
            ("a frame over the limit", 0, 1, 20_000), ("PUSH_PROMISE from a client", 5, 1, 8),
        ] as [(String, UInt8, UInt32, Int)])
    func framingErrors(name: String, type: UInt8, stream: UInt32, length: Int) async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.frame(type: type, flags: 4, stream: stream, [UInt8](repeating: 0, count: length))
            peer.send(frames)
            try await eventually { peer.isClosed }
            try await siege.expectNamed("protocol_error")
            if let goAway = peer.goAway { #expect(goAway.code != 0) }
        }
    }

    @Test("frames of unknown types are passed over")
    func unknownFrames() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.frame(type: 0xFE, flags: 0xFF, stream: 7, [1, 2, 3])
            frames.headers(stream: 1)
            peer.send(frames)
            try await eventually { peer.frames.contains { $0.type == 1 && $0.stream == 1 } }
        }
    }

    @Test("HTTP/1.1 on the port is closed")
    func http1() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect(preface: false)
            peer.send(RawFrames(bytes: Array("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)))
            try await eventually { peer.isClosed }
            try await siege.expectNamed("not_http2")
        }
    }

    @Test("handlers of calls that were reset count as open until they stop")
    func cancelledHandlers() async throws {
        var limits = HTTP2Limits.edge
        limits.concurrentStreamsMax = 10
        let go = Signal()
        try await Siege.run(limits) { _ in
        } _: { router in
            router.unary(.unary) { (note: Note, _) in
                await go.wait()
                return note
            }
        } _: { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for index in 0..<40 {
                frames.request(stream: UInt32(1 + 2 * index), path: MethodDescriptor.unary.path)
                frames.data(stream: UInt32(1 + 2 * index), [0, 0, 0, 0, 0], endStream: true)
                frames.reset(stream: UInt32(1 + 2 * index))
            }
            frames.request(stream: 99, path: MethodDescriptor.unary.path)
            peer.send(frames)
            try await eventually { peer.reset(of: 99) == HTTP2ErrorCode.refusedStream.rawValue }
            try await siege.expectNamed("too_many_handlers")
            await go.set()
        }
    }
}
