import HTTP2
import Testing
import Trials

@testable import GRPC

/// Our client against peers that are no gRPC servers, or speak HTTP/2 against its rules.
@Suite("A client and servers that are none", .timeLimit(.minutes(1)))
struct ForeignServerTests {
    private static let head = [0x88] + RawFrames.field("content-type", "application/grpc")

    /// What a call says of a server that sends `answer` on its stream; a second call is then served on whatever connection is left.
    private func code(answeredBy answer: (inout RawFrames, UInt32) -> Void) async throws -> StatusCode? {
        var greeting = RawFrames()
        greeting.settings()
        let server = try await RawServer.start(greeting: greeting)
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .milliseconds(10)
        configuration.backoff.max = .milliseconds(20)
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
        let options = CallOptions(timeout: .seconds(20), waitForReady: true)
        async let first = GRPCTests.code { let _: Note = try await channel.unary(.unary, Note("n"), options) }
        let request = try await server.request()
        try await eventually { request.peer.frames.contains { $0.type == 0 && $0.flags & 1 == 1 } }
        var frames = RawFrames()
        answer(&frames, request.stream)
        request.peer.send(frames)
        let code = await first

        async let second = GRPCTests.code { let _: Note = try await channel.unary(.unary, Note("n"), options) }
        let again = try await server.request(after: 1)
        var good = RawFrames()
        good.answer(stream: again.stream, [])
        again.peer.send(good)
        #expect(await second == nil)
        #expect(server.connections.flatMap(\.frames).filter { $0.type == 1 }.count == 2, "nothing was asked twice")
        await channel.close()
        await server.stop()
        return code
    }

    @Test(
        "an answer of a proxy, or a page, has the status that HTTP's maps to",
        arguments: [
            ("400", "text/html", .internal), ("401", "text/html", .unauthenticated), ("403", "text/html", .permissionDenied),
            ("404", "text/html", .unimplemented), ("429", "text/html", .unavailable), ("500", "text/html", .unknown),
            ("502", "text/html", .unavailable), ("503", "application/json", .unavailable), ("504", "", .unavailable),
            ("200", "text/html", .unknown), ("200", "", .unknown), ("204", "application/grpc", .unknown),
        ] as [(String, String, StatusCode)], [false, true])
    func otherAnswers(answer: (status: String, type: String, code: StatusCode), hasBody: Bool) async throws {
        let code = try await code { frames, stream in
            let type = answer.type.isEmpty ? [] : RawFrames.field("content-type", answer.type)
            frames.frame(type: 1, flags: hasBody ? 4 : 5, stream: stream, RawFrames.field(":status", answer.status) + type)
            if hasBody { frames.data(stream: stream, Array("<html>".utf8), endStream: true) }
        }
        #expect(code == answer.code)
    }

    @Test("trailers that never come, or say nothing, are UNKNOWN; a message behind the one that was asked for is INTERNAL")
    func ends() async throws {
        let withoutTrailers = try await code { frames, stream in
            frames.frame(type: 1, flags: 4, stream: stream, Self.head)
            frames.data(stream: stream, [0, 0, 0, 0, 1, 7], endStream: true)
        }
        let withoutStatus = try await code { frames, stream in
            frames.frame(type: 1, flags: 4, stream: stream, Self.head)
            frames.data(stream: stream, [0, 0, 0, 0, 1, 7])
            frames.frame(type: 1, flags: 5, stream: stream, RawFrames.field("x", "y"))
        }
        let twoMessages = try await code { frames, stream in
            frames.frame(type: 1, flags: 4, stream: stream, Self.head)
            frames.data(stream: stream, [0, 0, 0, 0, 1, 7, 0, 0, 0, 0, 1, 7])
            frames.frame(type: 1, flags: 5, stream: stream, RawFrames.field("grpc-status", "0"))
        }
        #expect([withoutTrailers, withoutStatus] == [.unknown, .unknown])
        #expect(twoMessages == .unimplemented || twoMessages == .internal)
    }

    @Test(
        "a header list against RFC 9113 ends its call with INTERNAL, as head and as trailers; it is not made again",
        arguments: [
            ("an upper-case name", head + RawFrames.field("X-Upper", "1")),
            ("no :status", RawFrames.field("content-type", "application/grpc")), ("two :status", [0x88] + head),
            ("an unknown pseudo-header", [0x88] + RawFrames.field(":hack", "1")),
            ("a pseudo-header of requests", [0x88] + RawFrames.field(":path", "/")),
            ("a pseudo-header behind a field", RawFrames.field("a", "b") + [0x88]),
            ("a field of one hop", head + RawFrames.field("connection", "close")),
            ("a line break in a value", head + RawFrames.field("a", "b\r\nc: d")),
        ] as [(String, [UInt8])], [false, true])
    func malformed(list: (name: String, fields: [UInt8]), asTrailers: Bool) async throws {
        let code = try await code { frames, stream in
            if asTrailers {
                frames.frame(type: 1, flags: 4, stream: stream, Self.head)
                frames.data(stream: stream, [0, 0, 0, 0, 1, 7])
                // Trailers have no pseudo-header at all.
                let isPseudo = list.fields.first == 0x88 || list.name.hasPrefix("a pseudo")
                let bad = isPseudo ? list.fields : RawFrames.field("X-Upper", "1")
                frames.frame(type: 1, flags: 5, stream: stream, bad + RawFrames.field("grpc-status", "0"))
            } else {
                frames.frame(type: 1, flags: 4, stream: stream, list.fields)
                frames.data(stream: stream, [0, 0, 0, 0, 1, 7])
                frames.frame(type: 1, flags: 5, stream: stream, RawFrames.field("grpc-status", "0"))
            }
        }
        #expect(code == .internal, "\(list.name)")
    }

    @Test(
        "a server that floods its client is left, and the next connection serves",
        arguments: ["PING", "SETTINGS", "empty DATA", "PRIORITY", "PUSH_PROMISE", "a header list of 200 KiB"])
    func floods(of what: String) async throws {
        let code = try await code { frames, stream in
            switch what {
            case "PING": for _ in 0..<20_000 { frames.ping() }
            case "SETTINGS": for _ in 0..<20_000 { frames.settings() }
            case "PRIORITY": for _ in 0..<20_000 { frames.priority(stream: stream) }
            case "PUSH_PROMISE":
                // That nothing may be pushed holds once the server has acknowledged our SETTINGS.
                frames.settings(acknowledge: true)
                frames.frame(type: 5, flags: 4, stream: stream, RawFrames.big(2) + RawFrames.head)
            case "empty DATA":
                frames.frame(type: 1, flags: 4, stream: stream, Self.head)
                for _ in 0..<20_000 { frames.data(stream: stream) }
            default:
                let literal: [UInt8] = [0x00, 0x01, 0x78, 0x7F, 0x91, 0x4D] + [UInt8](repeating: 0x61, count: 10_000)
                frames.frame(type: 1, flags: 0, stream: stream, Self.head)
                for _ in 0..<20 { frames.continuation(stream: stream, literal) }
            }
        }
        #expect(code == .unavailable)
    }

    @Test("a server of HTTP/1.1 is no server, and is not hammered with connections")
    func http1() async throws {
        let server = try await RawServer.start(
            greeting: RawFrames(bytes: Array("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".utf8)))
        var configuration = ChannelConfiguration()
        configuration.backoff.initial = .seconds(30)
        configuration.waitForReady = false
        let channel = Channel(
            addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], configuration: configuration)
        for _ in 0..<3 {
            #expect(await GRPCTests.code { let _: Note = try await channel.unary(.unary, Note("n")) } == .unavailable)
        }
        #expect((1...2).contains(server.connections.count))
        await channel.close()
        await server.stop()
    }
}
