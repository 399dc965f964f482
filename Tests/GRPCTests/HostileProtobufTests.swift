import GoogleProtobuf
import HTTP2
import Testing
import Trials

@testable import GRPC

/// Messages that are meant to hurt protobuf's decoder, over a socket: RELIABILITY's list for decoders.
@Suite("Hostile protobuf over a socket", .timeLimit(.minutes(1)))
struct HostileProtobufTests {
    private static let method = MethodDescriptor(
        service: "test.Structs", method: "Take", kind: .unary, request: Struct.self, response: Empty.self)

    /// A field with a length before its bytes.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var length = bytes.count
        var prefix: [UInt8] = [number << 3 | 2]
        repeat {
            prefix.append(UInt8(length & 0x7F) | (length > 0x7F ? 0x80 : 0))
            length >>= 7
        } while length > 0
        return prefix + bytes
    }

    /// `fields["a"]` with these bytes as its `Value`.
    private static func value(_ bytes: [UInt8]) -> [UInt8] { field(1, field(1, [0x61]) + field(2, bytes)) }

    /// Lists in lists, built from the inside.
    private static func nested(_ depth: Int) -> [UInt8] {
        var inner: [UInt8] = []
        for _ in 0..<depth { inner = field(6, field(1, inner)) }
        return value(inner)
    }

    private func send(_ siege: Siege, _ message: [UInt8]) async throws -> RPCError? {
        let connection = try await siege.loopback.channel.pool.pick(waits: true, deadline: nil)
        let head = ClientCall.Head(path: Self.method.path, metadata: Metadata(), deadline: nil, responseBytesMax: 100)
        do {
            _ = try await UnaryClientCall(head, connection).run(MessageFrame.frame(message, .identity))
            return nil
        } catch {
            return error
        }
    }

    private func siege(_ body: (Siege) async throws -> Void) async throws {
        try await Siege.run(.edge) { _ in
        } _: { router in
            router.unary(Self.method) { (_: Struct, _) in Empty() }
        } _: { siege in
            try await body(siege)
        }
    }

    @Test(
        "bytes that are no protobuf, or beyond the decoder's bounds, end the call and nothing else",
        arguments: [
            ("nested 1,000 deep", nested(1_000)), ("nested 5,000 deep", nested(5_000)),
            ("a group", [0x0B, 0x0C]), ("the end of a group", [0x0C]), ("field 0", [0x02, 0x00]),
            ("wire type 7", [0x0F]), ("a varint of 11 bytes", [0x08] + [UInt8](repeating: 0xFF, count: 10) + [0x01]),
            ("a length past the end", [0x0A, 0x7F, 1, 2]),
            ("a length past 2^63", [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01]),
            ("text that is no UTF-8", field(1, field(1, [0xFF, 0xFE]))),
            ("text with U+0000", field(1, field(1, [0x61, 0, 0x62]))),
            ("200,000 unknown fields", Array([[UInt8]](repeating: [0x50, 0x01], count: 200_000).joined())),
        ] as [(String, [UInt8])])
    func refused(name: String, message: [UInt8]) async throws {
        try await siege { siege in
            let error = try await send(siege, message)
            #expect(
                error.map { [.internal, .invalidArgument, .resourceExhausted].contains($0.code) } == true,
                "\(name): \(error as Any)")
        }
    }

    @Test("a singular message that stands 100,000 times costs time in proportion, or is refused")
    func duplicates() async throws {
        try await siege { siege in
            // struct_value, each time with one more field: merging them one by one would be quadratic.
            let once = Self.field(5, Self.value([0x20, 0x01]))
            let message = Self.value(Array([[UInt8]](repeating: once, count: 100_000).joined()))
            // Merged one by one these would take hours, and the suite has a minute.
            _ = try await send(siege, message)
        }
    }

    @Test("what is merely unusual passes")
    func unusual() async throws {
        try await siege { siege in
            for message in [[], Self.nested(20), [0x50, 0x01], Self.value([])] {
                let error = try await send(siege, message)
                #expect(error == nil)
            }
        }
    }
}
