import Foundation
import HTTP2
import Testing
import Trials

@testable import GRPC

/// Requests whose header lists are wrong, and connections that play games with GOAWAY and stream ids, over a socket.
@Suite("Hostile heads over a socket", .timeLimit(.minutes(1)))
struct HostileHeadsTests {
    /// `:method POST`, `:scheme http`, `:authority t`; then `rest`, then content-type.
    private static func head(_ rest: [UInt8]) -> [UInt8] {
        [0x83, 0x86, 0x01, 0x01, 0x74] + rest + RawFrames.field("content-type", "application/grpc")
    }

    private static func path(_ text: String) -> [UInt8] { [0x04, UInt8(text.utf8.count)] + text.utf8 }

    @Test(
        "a header list against RFC 9113 resets its stream with PROTOCOL_ERROR; the next one is served",
        arguments: [
            ("an upper-case name", path("/a/B") + RawFrames.field("X-Upper", "1")), ("no :path", []),
            ("two :path", path("/a/B") + path("/a/C")), ("an empty :path", path("")),
            ("an unknown pseudo-header", path("/a/B") + RawFrames.field(":hack", "1")),
            ("a pseudo-header of answers", path("/a/B") + RawFrames.field(":status", "200")),
            ("a pseudo-header behind a field", RawFrames.field("a", "b") + path("/a/B")),
            ("a field of one hop", path("/a/B") + RawFrames.field("connection", "close")),
            ("te other than trailers", path("/a/B") + RawFrames.field("te", "gzip")),
            ("a line break in a value", path("/a/B") + RawFrames.field("a", "b\r\nc: d")),
            ("U+0000 in a value", path("/a/B") + RawFrames.field("a", "b\0c")),
        ] as [(String, [UInt8])])
    func malformed(name: String, rest: [UInt8]) async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.frame(type: 1, flags: 5, stream: 1, Self.head(rest))
            frames.request(stream: 3, path: MethodDescriptor.read.path)
            frames.data(stream: 3, [0, 0, 0, 0, 0], endStream: true)
            peer.send(frames)
            try await eventually { peer.frames.contains { $0.type == 1 && $0.stream == 3 && $0.flags & 1 == 1 } }
            #expect(peer.reset(of: 1) == HTTP2ErrorCode.protocolError.rawValue, "\(name)")
            #expect(!peer.isClosed)
        }
    }

    @Test("malformed header lists in numbers are resets that we are made to send")
    func malformedFlood() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for index in 0..<3_000 { frames.frame(type: 1, flags: 5, stream: UInt32(1 + 2 * index), Self.head([])) }
            peer.send(frames)
            try await siege.expectCalmed(peer, "too_many_resets")
        }
    }

    @Test(
        "a path that is no method is UNIMPLEMENTED",
        arguments: ["/", "//", "/test.Notes", "/test.Notes/", "/test.Notes/%52ead", "/test.Notes/../test.Notes/Read"])
    func paths(path: String) async throws {
        try await Siege.run { siege in
            let status = try await status(siege, path: path)
            #expect(status == .unimplemented)
        }
    }

    @Test("a path of 8 KiB is more metadata than the edge takes")
    func longPath() async throws {
        try await Siege.run { siege in
            let path = "/" + String(repeating: "a", count: 8 << 10)
            let status = try await status(siege, path: path)
            #expect(status == .resourceExhausted)
            try await siege.expectNamed("metadata_too_large")
        }
    }

    @Test("metadata of 200 KiB ends the connection")
    func fatalMetadata() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.headers(stream: 1, endHeaders: false)
            // Literals of 10,000 bytes, which enter no table.
            let literal: [UInt8] = [0x00, 0x01, 0x78, 0x7F, 0x91, 0x4D] + [UInt8](repeating: 0x61, count: 10_000)
            for _ in 0..<20 { frames.continuation(stream: 1, literal) }
            peer.send(frames)
            try await siege.expectCalmed(peer, "header_list_too_large")
        }
    }

    private func status(_ siege: Siege, path: String) async throws -> StatusCode? {
        let connection = try await siege.loopback.channel.pool.pick(waits: true, deadline: nil)
        let head = ClientCall.Head(path: path, metadata: Metadata(), deadline: nil, responseBytesMax: 100)
        return await code { _ = try await UnaryClientCall(head, connection).run([0, 0, 0, 0, 0]) }
    }

    @Test(
        "other content types and methods have HTTP's answers, to a foreign client",
        arguments: [
            ("application/json", "POST", "415"), ("application/grpc-web", "POST", "415"), ("", "POST", "415"),
            ("application/grpcx", "POST", "415"), ("application/grpc", "GET", "405"), ("application/grpc", "PUT", "405"),
            ("application/grpc+proto", "POST", "200"), ("application/grpc;charset=utf-8", "POST", "200"),
        ])
    func contentTypes(type: String, method: String, status: String) async throws {
        try await Siege.run { siege in
            let text = try curl(
                siege, "-X", method, "-H", "content-type: \(type)", "-o", "/dev/null", "-w", "%{http_code}")
            #expect(text == status)
        }
    }

    @Test("an encoding that we do not know is UNIMPLEMENTED, and the answer tells those that we do")
    func unknownEncoding() async throws {
        try await Siege.run { siege in
            let text = try curl(
                siege, "-X", "POST", "-H", "content-type: application/grpc", "-H", "grpc-encoding: br", "-D", "-")
            let lines = text.split { $0.isNewline }
            #expect(lines.contains("grpc-status: 12") && lines.contains("grpc-accept-encoding: identity,gzip"), "\(text)")
        }
    }

    /// What curl says of a call.
    private func curl(_ siege: Siege, _ arguments: String...) throws -> String {
        let (process, output) = (Process(), Pipe())
        process.executableURL = URL(filePath: "/usr/bin/curl")
        let url = "http://127.0.0.1:\(siege.loopback.port)\(MethodDescriptor.read.path)"
        process.arguments = ["--http2-prior-knowledge", "-sS", "-m", "20"] + arguments + [url]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        return text
    }

    // MARK: GOAWAY and stream ids

    @Test("GOAWAY in numbers ends the connection")
    func goAways() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            for _ in 0..<20_000 { frames.goAway(last: 0) }
            peer.send(frames)
            try await siege.expectCalmed(peer, "too_many_goaways")
        }
    }

    @Test("a client that goes away still has the answers to what it asked")
    func answersAfterGoAway() async throws {
        let go = Signal()
        try await Siege.run(.edge) { _ in
        } _: { router in
            router.unary(.unary) { (note: Note, _) in
                await go.wait()
                return note
            }
        } _: { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.request(stream: 1, path: MethodDescriptor.unary.path)
            frames.data(stream: 1, [0, 0, 0, 0, 1, 7], endStream: true)
            frames.goAway(last: 0)
            peer.send(frames)
            await go.set()
            try await eventually { peer.frames.contains { $0.type == 0 && $0.payload == [0, 0, 0, 0, 1, 7] } }
            // Nothing is left to be done: the server closes.
            try await eventually { peer.isClosed }
        }
    }

    @Test("a GOAWAY whose last id grows is against the protocol")
    func growingGoAway() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.goAway(last: 2)
            frames.goAway(last: 4)
            peer.send(frames)
            try await eventually { peer.isClosed }
            try await siege.expectNamed("protocol_error")
        }
    }

    @Test("the last of all stream ids is served; a lower one afterwards is not")
    func lastStreamID() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            var frames = RawFrames()
            frames.request(stream: 0x7FFF_FFFF, path: MethodDescriptor.read.path)
            frames.data(stream: 0x7FFF_FFFF, [0, 0, 0, 0, 1, 7], endStream: true)
            peer.send(frames)
            try await eventually { peer.frames.contains { $0.type == 0 && $0.payload == [0, 0, 0, 0, 1, 7] } }
            frames = RawFrames()
            frames.request(stream: 1, path: MethodDescriptor.read.path)
            frames.ping()
            peer.send(frames)
            try await eventually { peer.isClosed || peer.frames.contains { $0.type == 6 && $0.flags & 1 == 1 } }
            #expect(!peer.frames.contains { $0.stream == 1 && $0.type < 2 })
        }
    }

    @Test("streams beyond the limit are refused, also before our SETTINGS are acknowledged; those within it are served")
    func tooManyStreams() async throws {
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
            for index in 0..<15 {
                frames.request(stream: UInt32(1 + 2 * index), path: MethodDescriptor.unary.path)
                frames.data(stream: UInt32(1 + 2 * index), [0, 0, 0, 0, 0], endStream: true)
            }
            peer.send(frames)
            try await eventually { peer.frames.filter { $0.type == 3 }.count == 5 }
            try await siege.expectNamed("too_many_streams")
            #expect(siege.count("too_many_streams") == 5)
            #expect((10..<15).allSatisfy { peer.reset(of: UInt32(1 + 2 * $0)) == HTTP2ErrorCode.refusedStream.rawValue })
            await go.set()
            try await eventually { peer.frames.filter { $0.type == 0 }.count == 10 }
        }
    }

    // MARK: Honesty

    @Test("between services, calls that are cancelled by the thousand cost nobody the connection")
    func honestCancels() async throws {
        let peers = Log()
        try await Siege.run(.trusted) { _ in
        } _: { router in
            router.unary(.unary) { (note: Note, context) in
                try await Task.sleep(for: .seconds(600))
                return note
            }
            router.serverStreaming(.server) { (_: Note, _: ResponseWriter<Note>, context) in
                await peers.add(context.peer)
            }
        } _: { siege in
            let channel = siege.loopback.channel
            func peer() async throws -> String? {
                let answers: ResponseStream<Note> = channel.serverStreaming(.server, Note("n"))
                for try await _ in answers {}
                return await peers.lines.last
            }
            let before = try await peer()
            for _ in 0..<10 {
                await withTaskGroup(of: Void.self) { group in
                    for _ in 0..<200 {
                        group.addTask { _ = try? await channel.unary(.unary, Note("n")) as Note }
                    }
                    try? await eventually {
                        channel.pool.state.withLock { $0.open.values.contains { $0.openCalls == 200 } }
                    }
                    group.cancelAll()
                }
            }
            let after = try await peer()
            #expect(after == before)
            #expect(siege.count("too_many_resets") == 0)
        }
    }
}
