import Testing

@testable import GRPC

@Suite("gRPC's framing")
struct FramingTests {
    private func deframe(_ pieces: [[UInt8]], bytesMax: Int = 1_000) throws -> (messages: [[UInt8]], atEnd: Bool) {
        var deframer = MessageDeframer(bytesMax: bytesMax)
        var messages: [[UInt8]] = []
        for piece in pieces {
            try piece.withUnsafeBytes { bytes in
                try deframer.feed(bytes) { message, _ in messages.append(Array(message)) }
            }
        }
        return (messages, deframer.isBetweenMessages)
    }

    @Test("messages are found wherever the body is cut in two or three")
    func everySplit() throws {
        let messages: [[UInt8]] = [Array("one".utf8), [], Array("three".utf8)]
        let body = messages.flatMap { MessageFrame.frame($0) }
        for first in 0...body.count {
            for second in first...body.count {
                let pieces = [Array(body[..<first]), Array(body[first..<second]), Array(body[second...])]
                let result = try deframe(pieces)
                #expect(result.messages == messages)
                #expect(result.atEnd)
            }
        }
    }

    @Test("messages are found byte by byte")
    func singleBytes() throws {
        let body = MessageFrame.frame(Array("hello".utf8)) + MessageFrame.frame([9])
        let result = try deframe(body.map { [$0] })
        #expect(result.messages == [Array("hello".utf8), [9]])
    }

    @Test("an empty message is five zero bytes")
    func emptyMessage() {
        #expect(MessageFrame.frame([]) == [0, 0, 0, 0, 0])
    }

    @Test("a body that ends inside a prefix or a message is not at its end")
    func halfMessages() throws {
        let body = MessageFrame.frame([1, 2, 3])
        for cut in 1..<body.count { #expect(try !deframe([Array(body[..<cut])]).atEnd) }
    }

    @Test("a declared length over the bound is refused before anything is kept")
    func tooLarge() {
        #expect(throws: MessageDeframer.Failure.tooLarge(bytes: 0xFFFF_FFFF, max: 1_000)) {
            try deframe([[0, 0xFF, 0xFF, 0xFF, 0xFF]])
        }
        #expect(throws: MessageDeframer.Failure.tooLarge(bytes: 1_001, max: 1_000)) { try deframe([[0, 0, 0, 3, 0xE9]]) }
    }

    @Test("a flag other than 0 and 1 is refused")
    func unknownFlag() {
        #expect(throws: MessageDeframer.Failure.unknownFlag(2)) { try deframe([[2, 0, 0, 0, 0]]) }
    }

    /// `hello hello hello`, compressed by Python's gzip.
    private static let gzipped: [UInt8] = [
        0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x02, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0x57, 0xc8, 0x40, 0x90, 0x00,
        0x80, 0x88, 0xf9, 0xe5, 0x11, 0x00, 0x00, 0x00,
    ]

    @Test("compressed messages are inflated, up to the bound")
    func gzip() throws {
        var decoding = MessageDecoding(compression: .gzip, bytesMax: 100)
        var messages: [[UInt8]] = []
        var body = MessageFrame.frame(Self.gzipped)
        body[0] = 1
        try body.withUnsafeBytes { try decoding.feed($0) { bytes, _ in messages.append(Array(bytes)) } }
        #expect(messages == [Array("hello hello hello".utf8)])
        #expect(throws: Gzip.Failure.tooLarge(max: 10)) {
            try Self.gzipped.withUnsafeBytes { try Gzip.inflate($0, bytesMax: 10) }
        }
        for cut in 0..<Self.gzipped.count {
            #expect(throws: Gzip.Failure.malformed) {
                try Self.gzipped[..<cut].withUnsafeBytes { try Gzip.inflate($0, bytesMax: 100) }
            }
        }
    }

    @Test("a compressed message without grpc-encoding is INTERNAL")
    func compressedWithoutEncoding() {
        var decoding = MessageDecoding(compression: .identity, bytesMax: 100)
        let body: [UInt8] = [1, 0, 0, 0, 0]
        let error = #expect(throws: RPCError.self) { try body.withUnsafeBytes { try decoding.feed($0) { _, _ in } } }
        #expect(error?.code == .internal)
    }
}
