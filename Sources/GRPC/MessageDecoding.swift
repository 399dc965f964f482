import Protobuf

/// Turns the body of one direction of a call into messages: framing, compression, size.
struct MessageDecoding {
    private var deframer: MessageDeframer
    private let compression: Compression

    init(compression: Compression, bytesMax: Int) {
        self.compression = compression
        deframer = MessageDeframer(bytesMax: bytesMax)
    }

    var isBetweenMessages: Bool { deframer.isBetweenMessages }

    /// Calls `message` for each message that the piece completes, and tells it whether that travelled compressed.
    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ message: (_ bytes: UnsafeRawBufferPointer, _ wasCompressed: Bool) throws -> Void
    ) throws(RPCError) {
        let (compression, bytesMax) = (compression, deframer.bytesMax)
        do {
            try deframer.feed(bytes) { bytes, isCompressed in
                guard isCompressed else { return try message(bytes, false) }
                guard compression == .gzip else {
                    throw RPCError(code: .internal, message: "a compressed message without grpc-encoding")
                }
                try Gzip.inflate(bytes, bytesMax: bytesMax).withUnsafeBytes { try message($0, true) }
            }
        } catch {
            throw Self.error(error)
        }
    }

    private static func error(_ failure: any Error) -> RPCError {
        switch failure {
        case let error as RPCError: error
        case MessageDeframer.Failure.tooLarge(let bytes, let max):
            RPCError(passed: .messageBytes, "a message of \(bytes) bytes; at most \(max) are taken")
        case MessageDeframer.Failure.unknownFlag(let flag):
            RPCError(code: .internal, message: "a message with the unknown flag \(flag)")
        case Gzip.Failure.tooLarge(let max):
            RPCError(passed: .inflatedBytes, "a message inflates to more than \(max) bytes")
        default: RPCError(code: .internal, message: "a compressed message is malformed")
        }
    }
}

extension Message {
    /// The message in `bytes`; what cannot be decoded is INTERNAL, as in every gRPC implementation.
    @inlinable init(received bytes: UnsafeRawBufferPointer, limits: DecodingLimits) throws(RPCError) {
        do throws(DecodingError) {
            try self.init(serialized: bytes, limits: limits)
        } catch {
            throw RPCError(refused: Self.typeName, error)
        }
    }

    init(received bytes: [UInt8], limits: DecodingLimits) throws(RPCError) {
        self = try bytes.withUnsafeBytes { buffer in
            Result { () throws(RPCError) in try Self(received: buffer, limits: limits) }
        }.get()
    }
}

extension RPCError {
    @usableFromInline init(refused typeName: String, _ error: DecodingError) {
        self.init(code: .internal, message: "\(typeName) could not be decoded: \(error)")
        if error.reason != .malformed { refusedField = error.path }
    }
}

extension DecodingLimits {
    /// The default limits, wider where longer messages are taken.
    static func messages(upTo bytesMax: Int) -> DecodingLimits {
        var limits = DecodingLimits.default
        limits.messageBytesMax = max(bytesMax, limits.messageBytesMax)
        limits.arenaBytesMax = max(limits.arenaBytesMax, bytesMax * 16)
        return limits
    }
}
