import AsyncHTTPClient
import ConversationsV1
import GRPC
import NIOCore
import Testing

@testable import Gateway

@Suite("API 10: Content-Encoding gzip both ways", .timeLimit(.minutes(1)))
struct ContentCodingTests {
    private let key = ("Idempotency-Key", "\"8e03978e-40d5-43dd-bc93-6894a57f9324\"")

    /// A POST with a body of any bytes.
    private func post(_ edge: EdgeUnderTest, coding: String, _ bytes: [UInt8]) async throws -> (status: UInt, json: JSONValue) {
        var request = HTTPClientRequest(url: edge.baseURL + "/v1/conversations/c1/messages")
        request.method = .POST
        request.headers = [
            "Authorization": "Bearer agent", key.0: key.1, "Content-Type": "application/json", "Content-Encoding": coding,
        ]
        request.body = .bytes(ByteBuffer(bytes: bytes))
        let response = try await EdgeUnderTest.client.execute(request, timeout: .seconds(10))
        let body = try await response.body.collect(upTo: 1 << 20)
        return (response.status.code, try JSONParser.parse(Array(body.readableBytesView)))
    }

    @Test("a compressed request is read; its cap holds for what it inflates to")
    func requests() async throws {
        try await EdgeUnderTest.run { edge in
            let text = String(repeating: "hello ", count: 500)
            let body = try #require(Gzip.deflate(Array(#"{"text":"\#(text)"}"#.utf8)))
            for coding in ["gzip", "x-gzip", "GZIP"] {
                let sent = try await post(edge, coding: coding, body)
                #expect(sent.status == 201)
                #expect(sent.json["text"]?.stringValue == text)
            }
            let before = edge.conversations.state.withLock { $0.requests.count }
            // 64 KiB may come in; these are 8 MiB in a few thousand bytes.
            let bomb = try #require(Gzip.deflate([UInt8](repeating: UInt8(ascii: " "), count: 8 << 20)))
            #expect(bomb.count < EdgeUnderTest.configuration.bodyBytesMax)
            let refused = try await post(edge, coding: "gzip", bomb)
            #expect(refused.status == 413 && refused.json["reason"] == "BODY_TOO_LARGE")
            for broken in [Array(body.dropLast(4)), body + [0], Array("{}".utf8)] {
                let refused = try await post(edge, coding: "gzip", broken)
                #expect(refused.status == 400 && refused.json["reason"] == "CONTENT_ENCODING_INVALID")
            }
            for unknown in ["br", "gzip, gzip", "deflate"] {
                let answer1 = try await post(edge, coding: unknown, body)
                #expect(answer1.status == 415)
            }
            #expect(edge.conversations.state.withLock { $0.requests.count } == before)
        }
    }

    @Test("a long text is compressed for who takes it so, with the same ETag; short ones, streams and files are not")
    func answers() async throws {
        try await EdgeUnderTest.run { edge in
            let plain = try await edge.send("GET", "/openapi.json", token: nil)
            #expect(plain["Content-Encoding"] == nil)
            #expect(plain.headers["Vary"].contains("Accept-Encoding"))
            for accepted in ["gzip", "br, gzip;q=0.5", "*"] {
                let page = try await edge.send("GET", "/openapi.json", token: nil, headers: [("Accept-Encoding", accepted)])
                #expect(page["Content-Encoding"] == "gzip", "\(accepted)")
                #expect(page["Content-Length"] == String(page.bytes.count))
                let inflated = try Gzip.inflate(page.bytes, bytesMax: 16 << 20)
                #expect(inflated == plain.bytes)
            }
            for refused in ["gzip;q=0", "br", "identity, *;q=0"] {
                let page = try await edge.send("GET", "/openapi.json", token: nil, headers: [("Accept-Encoding", refused)])
                #expect(page["Content-Encoding"] == nil, "\(refused)")
            }
            let gzip = [("Accept-Encoding", "gzip")]
            let style = try await edge.send("GET", "/style.css", token: nil, headers: gzip)
            #expect(style["Content-Encoding"] == "gzip")
            let answer2 = try await edge.send("GET", "/style.css", token: nil)
            #expect(answer2["ETag"] == style["ETag"])
            let answer3 = try await edge.send("GET", "/v1/conversations/c1", headers: gzip)
            #expect(answer3["Content-Encoding"] == nil)
            let file = try await edge.send("GET", "/widget/v1/attachments/a1/content", token: "visitor", headers: gzip)
            #expect(file["Content-Encoding"] == nil)
            try await edge.untilLive()
            try await edge.stream("/v1/stream", headers: gzip) { events in
                let first = try await events.next()
                #expect(first?.name == "ready")
            }
        }
    }
}
