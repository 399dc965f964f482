import HTTP2
import Testing
import Trials

@testable import GRPC

/// Bodies that break gRPC's framing or its bounds, over a socket.
@Suite("Hostile messages over a socket", .timeLimit(.minutes(1)))
struct HostileMessagesTests {
    /// The status of a call whose body is `bytes`.
    private func status(_ siege: Siege, _ bytes: [UInt8], encoding: String? = nil) async throws -> RPCError? {
        let connection = try await siege.loopback.channel.pool.pick(waits: true, deadline: nil)
        var metadata = Metadata()
        if let encoding { metadata.addUnchecked(name: "grpc-encoding", value: .ascii(encoding)) }
        let head = ClientCall.Head(
            path: MethodDescriptor.read.path, metadata: metadata, deadline: nil, responseBytesMax: 100)
        do {
            _ = try await UnaryClientCall(head, connection).run(bytes)
            return nil
        } catch {
            return error
        }
    }

    @Test("a declared length of 0xFFFFFFFF is RESOURCE_EXHAUSTED at its prefix, whether bytes follow or not")
    func declaredLength() async throws {
        try await Siege.run { siege in
            #expect(try await status(siege, [0, 0xFF, 0xFF, 0xFF, 0xFF])?.code == .resourceExhausted)
            try await siege.expectNamed("message_too_large")
        }
    }

    @Test("a message of a declared 4 MiB costs what has arrived of it")
    func declaredAndNotSent() throws {
        var deframer = MessageDeframer(bytesMax: 4 << 20)
        let piece: [UInt8] = [0, 0, 0x40, 0, 0] + [UInt8](repeating: 1, count: 10_000)
        try piece.withUnsafeBytes { try deframer.feed($0) { _, _ in Issue.record("no message is complete") } }
        #expect(deframer.keptBytes < 32_000)
    }

    @Test("a gzip bomb is RESOURCE_EXHAUSTED, also where it is nested")
    func gzipBomb() async throws {
        try await Siege.run { siege in
            let zeros = [UInt8](repeating: 0, count: 64 << 20)
            let bomb = zeros.withUnsafeBytes { MessageFrame.frame($0, .gzip) }
            #expect(bomb.count < 100_000)
            #expect(try await status(siege, bomb, encoding: "gzip")?.code == .resourceExhausted)
            try await siege.expectNamed("inflated_message_too_large")
            // The inner one is a message's bytes: nobody inflates them.
            let nested = MessageFrame.frame(bomb, .gzip)
            #expect(try await status(siege, nested, encoding: "gzip")?.code == .resourceExhausted || nested.count < bomb.count)
        }
    }

    @Test(
        "bodies against gRPC's framing have the status of the specification",
        arguments: [
            ("an unknown flag", [2, 0, 0, 0, 0], nil, .internal),
            ("compressed without grpc-encoding", [1, 0, 0, 0, 1, 7], nil, .internal),
            ("compressed and no gzip", [1, 0, 0, 0, 1, 7], "gzip", .internal),
            ("an unknown encoding", [0, 0, 0, 0, 0], "br", .unimplemented),
            ("half-closed inside the prefix", [0, 0, 0], nil, .internal),
            ("half-closed inside the message", [0, 0, 0, 0, 9, 1], nil, .internal),
            ("bytes behind the message", [0, 0, 0, 0, 0, 0, 0], nil, .internal),
            ("two messages", [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], nil, .unimplemented),
            ("no message", [], nil, .unimplemented),
            ("no protobuf", [0, 0, 0, 0, 9] + Array("malformed".utf8), nil, .internal),
        ] as [(String, [UInt8], String?, StatusCode)])
    func framing(name: String, body: [UInt8], encoding: String?, code: StatusCode) async throws {
        try await Siege.run { siege in
            let error = try await status(siege, body, encoding: encoding)
            #expect(error?.code == code)
        }
    }

    @Test("the prefix may be cut anywhere")
    func splitPrefix() async throws {
        try await Siege.run { siege in
            let peer = try await siege.connect()
            for cut in 1...5 {
                let stream = UInt32(2 * cut - 1)
                let message: [UInt8] = [0, 0, 0, 0, 3, 1, 2, 3]
                var frames = RawFrames()
                frames.request(stream: stream, path: MethodDescriptor.read.path)
                frames.data(stream: stream, Array(message[..<cut]))
                frames.data(stream: stream, Array(message[cut...]), endStream: true)
                peer.send(frames)
                try await eventually { peer.frames.contains { $0.type == 0 && $0.stream == stream && $0.payload == message } }
            }
        }
    }
}
