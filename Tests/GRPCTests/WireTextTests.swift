import HTTP2
import Testing

@testable import GRPC

@Suite("Headers and trailers as text")
struct WireTextTests {
    @Test(
        "grpc-timeout is read with every unit",
        arguments: [
            ("1H", Duration.seconds(3_600)), ("2M", .seconds(120)), ("3S", .seconds(3)), ("4m", .milliseconds(4)),
            ("5u", .microseconds(5)), ("6n", .nanoseconds(6)), ("0n", .zero), ("99999999H", GRPCTimeout.longest),
        ])
    func readsTimeout(text: String, duration: Duration) {
        #expect(GRPCTimeout.parse(text) == duration)
    }

    @Test(
        "what is no timeout is refused", arguments: ["", "S", "1", "-1S", "+1S", "1.5S", "999999999S", "1s", "1 S", "٣S", "1SS"])
    func refusesTimeout(text: String) {
        #expect(GRPCTimeout.parse(text) == nil)
    }

    @Test(
        "a duration is written with at most eight digits, never shorter than it is",
        arguments: [
            Duration.nanoseconds(1), .nanoseconds(99_999_999), .nanoseconds(100_000_001), .milliseconds(1_500), .seconds(30),
            .seconds(86_400), .seconds(99_999_999), .seconds(200_000_000),
        ])
    func writesTimeout(duration: Duration) {
        let text = GRPCTimeout.format(duration)
        #expect(text.utf8.count <= 9)
        #expect(GRPCTimeout.parse(text).map { $0 >= min(duration, GRPCTimeout.longest) } == true)
    }

    @Test("time that is used up is written as the shortest timeout")
    func pastTimeout() {
        #expect(GRPCTimeout.format(.zero) == "1n")
        #expect(GRPCTimeout.format(.seconds(-5)) == "1n")
    }

    @Test(
        "grpc-message survives",
        arguments: [
            "", "plain", "100 %", "ação", "line\nbreak", "\u{0}", "%41", "emoji 🎉", "\t\u{7F}", "invalid: ", " a b ", " ",
        ])
    func percentEncoding(text: String) {
        let encoded = PercentEncoding.encode(text)
        #expect(encoded.utf8.allSatisfy { (0x20...0x7E).contains($0) })
        #expect(encoded.first != " " && encoded.last != " ", "no field's value has a space at its end (RFC 9113, 8.2.1)")
        #expect(PercentEncoding.decode(encoded) == text)
    }

    @Test("broken percent-encoding is read as it stands", arguments: ["%", "%4", "%zz", "a%f", "100% sure"])
    func brokenPercentEncoding(text: String) {
        #expect(PercentEncoding.decode(text) == text)
    }

    @Test("invalid UTF-8 in grpc-message is repaired, not refused")
    func invalidMessage() {
        #expect(PercentEncoding.decode("%FF") == "\u{FFFD}")
    }

    @Test("base64 of every length survives, padded or not")
    func base64() {
        #expect(Base64.encode(Array("any carnal pleas".utf8)) == "YW55IGNhcm5hbCBwbGVhcw")
        for count in 0..<70 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 11) }
            let text = Base64.encode(bytes)
            #expect(!text.contains("="))
            #expect(Base64.decode(text) == bytes)
            #expect(Base64.decode(text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)) == bytes)
        }
    }

    @Test("what is no base64 is refused", arguments: ["a", "ab!c", "a===", "ab c", "ç"])
    func brokenBase64(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test("metadata survives as header fields; names of the protocol are left out")
    func metadata() {
        var metadata: Metadata = ["x-one": "1"]
        metadata.add([0, 255, 7], for: "x-two-bin")
        metadata.add("2", for: "X-One")
        var fields = [HeaderField(":path", "/a/b"), HeaderField("grpc-timeout", "1S"), HeaderField("te", "trailers")]
        metadata.append(to: &fields)
        let received = Metadata(received: fields)
        #expect(received == metadata)
        #expect(received.strings("x-one") == ["1", "2"])
        #expect(received.binaries("x-two-bin") == [[0, 255, 7]])
    }

    @Test("a -bin field may hold several values")
    func joinedBinary() {
        let metadata = Metadata(received: [HeaderField("x-bin", "AQ, Ag==,AwQ")])
        #expect(metadata.binaries("x-bin") == [[1], [2], [3, 4]])
    }

    @Test("a status without grpc-status follows the HTTP status")
    func httpStatus() {
        let expected: [String: StatusCode] = [
            "400": .internal, "401": .unauthenticated, "403": .permissionDenied, "404": .unimplemented, "429": .unavailable,
            "431": .internal, "500": .unknown, "502": .unavailable, "503": .unavailable, "504": .unavailable, "200": .unknown,
        ]
        for (status, code) in expected { #expect(StatusWire.fromHTTP(status).code == code) }
    }

    @Test("a reset stream has the code of the specification")
    func resets() {
        func code(_ code: HTTP2ErrorCode) -> StatusCode {
            StatusWire.fromReset(code, processed: true, connectionLost: false).code
        }
        for internalCode in [
            HTTP2ErrorCode.noError, .protocolError, .internalError, .flowControlError, .settingsTimeout, .frameSizeError,
            .compressionError, .connectError,
        ] { #expect(code(internalCode) == .internal) }
        #expect(code(.refusedStream) == .unavailable)
        #expect(code(.cancel) == .cancelled)
        #expect(code(.enhanceYourCalm) == .resourceExhausted)
        #expect(code(.inadequateSecurity) == .permissionDenied)
        #expect(StatusWire.fromReset(.internalError, processed: true, connectionLost: true).code == .unavailable)
    }

    @Test("a status survives its trailers")
    func status() throws {
        var error = RPCError(code: .notFound, message: "não há", metadata: ["x-why": "gone"])
        error.metadata.add([1, 2], for: "x-more-bin")
        let parsed = StatusWire.parse(StatusWire.fields(error), httpStatus: "200")
        #expect(throws: error) { try parsed.get() }
    }

    @Test("an unknown or malformed grpc-status is UNKNOWN", arguments: ["17", "-1", "x", "999999999999"])
    func unknownStatus(text: String) {
        let error = #expect(throws: RPCError.self) {
            try StatusWire.parse([HeaderField("grpc-status", text)], httpStatus: "200").get()
        }
        #expect(error?.code == .unknown)
    }
}
