@testable import GRPC

/// gRPC's framing, in whatever pieces it arrives.
enum Framing {
    private static let bytesMax = 1 << 16

    /// An input begins with the number of piece lengths, then has these lengths, then the body.
    static func deframe(_ input: [UInt8]) -> Bool {
        var rest = input[...]
        let lengths = (0..<Int(rest.popFirst() ?? 0) % 8).map { _ in Int(rest.popFirst() ?? 0) % 32 + 1 }
        let body = Array(rest)
        let atOnce = messages(in: [body])
        precondition(atOnce == messages(in: pieces(body, lengths)), "messages depend on how the bytes are split")
        var decoding = MessageDecoding(compression: .gzip, bytesMax: bytesMax)
        _ = try? body.withUnsafeBytes { try decoding.feed($0) { message, _ in precondition(message.count <= bytesMax) } }
        return atOnce.isWhole
    }

    private struct Outcome: Equatable {
        var messages: [[UInt8]] = []
        var isWhole = false
        var failed = false
    }

    private static func messages(in pieces: [[UInt8]]) -> Outcome {
        var deframer = MessageDeframer(bytesMax: bytesMax)
        var outcome = Outcome()
        do {
            for piece in pieces {
                try piece.withUnsafeBytes { bytes in
                    try deframer.feed(bytes) { message, _ in outcome.messages.append(Array(message)) }
                }
            }
            outcome.isWhole = deframer.isBetweenMessages
        } catch {
            outcome.failed = true
        }
        return outcome
    }

    private static func pieces(_ body: [UInt8], _ lengths: [Int]) -> [[UInt8]] {
        guard !lengths.isEmpty else { return body.map { [$0] } }
        var pieces: [[UInt8]] = []
        var rest = body[...]
        while !rest.isEmpty {
            let length = lengths[pieces.count % lengths.count]
            pieces.append(Array(rest.prefix(length)))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
