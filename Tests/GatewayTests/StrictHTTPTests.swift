import NIOCore
import NIOPosix
import Testing

@Suite struct StrictHTTPTests {
    /// What a raw request is answered with: its status line.
    private func answer(_ port: Int, _ request: String) async throws -> Substring {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var text = ""
            for try await buffer in inbound {
                text += String(buffer: buffer)
                if text.contains("\r\n") { break }
            }
            return text.prefix { $0 != "\r\n" }
        }
    }

    @Test(arguments: [
        "GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "POST /v1/me HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\na",
        "GET / HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n",
        "GET / HTTP/1.1\nHost: x\nA: b\n\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET /v1/conversations/%zz HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nA: " + String(repeating: "b", count: 40_000) + "\r\n\r\n",
    ])
    func ambiguousRequestsAreRefused(_ request: String) async throws {
        try await EdgeUnderTest.run { edge in
            let status = try await answer(edge.port, request)
            #expect(status == "HTTP/1.1 400 Bad Request")
        }
    }
}
