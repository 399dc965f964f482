import Foundation
import GRPC
import GoogleProtobuf
import GoogleRPC
import ServiceRuntime
import Testing

/// What each unary RPC answers to input that is wrong in itself, over real sockets with real services behind them, kept as
/// text; and what must hold whatever the text says.
@Suite("Bad input", .serialized)
struct BadInputTests {
    /// A field number that no message of the contracts has.
    private static let unknownField = RequestShapes.delimited(150_000, Array("canary".utf8))
    private static let garbage: [[UInt8]] = [[0xFF], [0x0A, 0x7F, 0x61]]
    /// More than a server takes.
    private static let large = RequestShapes.delimited(150_000, [UInt8](repeating: 0x61, count: 5 << 20))

    /// What a bot's heartbeat leaves, which has no field that could be wrong.
    private static let beaten = ["routing.event", "routing.event_partition"]

    @Test("every unary RPC refuses what is wrong with a documented error, and nothing changes", .timeLimit(.minutes(5)))
    func everyUnaryRPC() async throws {
        try await Place.with { place in
            let own = try await Things(of: People.own, in: place)
            let others = try await Things(of: People.other, in: place)
            let before = try await place.tables()
            #expect(before.count > 10 && before["conversations.message"]?.rows == 2 && before["contacts.contact"]?.rows == 2)
            var lines: [String] = []
            for (side, service, method) in place.methods where method.kind == .unary {
                let judge = try Judge(place: place, side: side, service: service, method: method, own: own, others: others)
                lines.append(try await judge.line(Self.garbage, Self.unknownField, large: Self.large))
            }
            let changes = try await place.changes(since: before)
            #expect(changes == Self.beaten)
            try Golden.expect(lines.sorted(), "answers.golden")
            print("bad input: \(lines.count) unary RPCs, \(before.count) tables unchanged")
        }
    }

    @Test("an unknown method and an unknown service are UNIMPLEMENTED, for callers with a token and without")
    func unknownMethods() async throws {
        try await Place.with { place in
            for side in place.sides {
                for path in [(side.services[0].name, "NoSuchMethod"), ("switchboard.none.v1.NoService", "Get")] {
                    let method = MethodDescriptor(
                        service: path.0, method: path.1, kind: .unary, request: GoogleProtobuf.Empty.self,
                        response: GoogleProtobuf.Empty.self)
                    for metadata in [Metadata(), try await place.callers.metadata("admin", to: side.name)] {
                        let error = await side.call(method, [], metadata)
                        #expect(error?.code == .unimplemented)
                        #expect(error?.detail(ErrorInfo.self)?.domain == "\(side.name).switchboard")
                    }
                }
            }
        }
    }
}
