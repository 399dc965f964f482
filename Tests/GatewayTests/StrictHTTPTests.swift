import NIOCore
import NIOPosix
import Testing

@testable import Gateway

/// RFC 9112 to the letter, over raw sockets: what two parsers could read in two ways is refused.
@Suite("API 10: strict HTTP/1.1", .timeLimit(.minutes(1)))
struct StrictHTTPTests {
    /// Everything that comes back until the other end closes.
    private func answer(_ port: Int, _ request: String) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound { text += String(buffer: buffer) }
            return text
        }
    }

    private static let ambiguous: [String] = [
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n0\r\n\r\n",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1, 1\r\n\r\na",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: +1\r\n\r\na",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\na",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA : b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\0c\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\nA: b\n\n",
        "GET / HTTP/1.1\r\nHost: x\nA: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\rA: b\r\n\r\n",
        "GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        "G\u{1}T / HTTP/1.1\r\nHost: x\r\n\r\n",
        "GARBAGE\r\n\r\n",
    ]

    @Test("two lengths, a folded header, a bare line feed and their like: 400, told as a problem, and the connection ends")
    func ambiguousRequestsAreRefused() async throws {
        try await EdgeUnderTest.run { edge in
            for request in Self.ambiguous {
                let text = try await answer(edge.port, request)
                let name = request.debugDescription
                #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(name): \(text)")
                #expect(text.contains("Content-Type: application/problem+json\r\n"), "\(name): \(text)")
                #expect(text.contains("X-Request-Id: "), "\(name)")
                #expect(text.pieces("HTTP/1.1 4").count == 2, "\(name) is answered once: \(text)")
                let body = text.pieces("\r\n\r\n").last ?? ""
                let problem = try JSONParser.parse(Array(body.utf8))
                #expect(problem["reason"] == "REQUEST_MALFORMED", "\(name)")
            }
            #expect(edge.conversations.state.withLock { $0.requests.isEmpty })
        }
    }

    @Test("a header too long, a list too long, fields too many: 431")
    func largeHeads() async throws {
        try await EdgeUnderTest.run { edge in
            let long: [String] = (0..<4).map { "A\($0): " + String(repeating: "b", count: 10_000) + "\r\n" }
            let many: [String] = (0..<150).map { "A\($0): b\r\n" }
            for fields in ["A: " + String(repeating: "b", count: 40_000) + "\r\n", long.joined(), many.joined()] {
                let text = try await answer(edge.port, "GET / HTTP/1.1\r\nHost: x\r\n\(fields)\r\n")
                #expect(text.hasPrefix("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "\(text.prefix(200))")
                #expect(text.contains(#""reason":"HEADERS_TOO_LARGE""#))
            }
        }
    }

    @Test("what is well-formed HTTP but refused says so in a problem too")
    func refusedByTheEdge() async throws {
        try await EdgeUnderTest.run { edge in
            for (request, reason) in [
                ("GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "HOST_REQUIRED"),
                ("GET /v1/conversations/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "PATH_INVALID"),
                ("GET /v1/conversations/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "PATH_INVALID"),
            ] {
                let text = try await answer(edge.port, request)
                #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(text)")
                #expect(text.contains("\"reason\":\"\(reason)\""), "\(text)")
            }
        }
    }

    @Test("a body whose chunks break off into nonsense is a problem, not a failure of ours, and nothing is read behind it")
    func malformedBody() async throws {
        try await EdgeUnderTest.run { edge in
            let head =
                "POST /v1/conversations/c1:accept HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer agent\r\n"
                + "Idempotency-Key: k\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
            for body in ["zz\r\n{}\r\n0\r\n\r\n", "2\r\n{}X\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}"] {
                let text = try await answer(edge.port, head + body + "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(text.hasPrefix("HTTP/1.1 400 Bad Request\r\n"), "\(text)")
                #expect(text.contains(#""reason":"REQUEST_MALFORMED""#), "\(text)")
                #expect(text.pieces("HTTP/1.1 4").count == 2, "answered once: \(text)")
            }
            #expect(edge.conversations.state.withLock { $0.requests.isEmpty })
        }
    }
}

extension String {
    fileprivate func pieces(_ separator: String) -> [Substring] {
        var (parts, rest) = ([Substring](), self[...])
        while let found = rest.firstRange(of: separator) {
            parts.append(rest[..<found.lowerBound])
            rest = rest[found.upperBound...]
        }
        return parts + [rest]
    }
}
