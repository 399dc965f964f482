/// gRPC's framing: a flag, four bytes of length (big-endian), the message. gRPC over HTTP/2, "Length-Prefixed-Message".
@usableFromInline enum MessageFrame {
    static let prefixBytes = 5

    /// The message behind its prefix, uncompressed.
    static func frame(_ message: UnsafeRawBufferPointer) -> [UInt8] {
        let length = UInt32(message.count)
        return [UInt8](unsafeUninitializedCapacity: prefixBytes + message.count) { target, count in
            target[0] = 0
            target[1] = UInt8(truncatingIfNeeded: length >> 24)
            target[2] = UInt8(truncatingIfNeeded: length >> 16)
            target[3] = UInt8(truncatingIfNeeded: length >> 8)
            target[4] = UInt8(truncatingIfNeeded: length)
            if message.count > 0 {
                UnsafeMutableRawBufferPointer(
                    rebasing: UnsafeMutableRawBufferPointer(target)[prefixBytes..<(prefixBytes + message.count)]
                )
                .copyMemory(from: message)
            }
            count = prefixBytes + message.count
        }
    }

    /// The message behind its prefix, compressed where that makes it smaller.
    @usableFromInline static func frame(_ message: UnsafeRawBufferPointer, _ compression: Compression) -> [UInt8] {
        guard compression == .gzip, let deflated = Gzip.deflate(Array(message)) else { return frame(message) }
        var framed = deflated.withUnsafeBytes { frame($0) }
        framed[0] = 1
        return framed
    }

    static func frame(_ message: [UInt8], _ compression: Compression = .identity) -> [UInt8] {
        message.withUnsafeBytes { frame($0, compression) }
    }
}

/// Finds the messages in a body that arrives in arbitrary pieces.
///
/// Memory grows with the bytes that have arrived, never by the length a peer declares.
struct MessageDeframer {
    /// The body breaks the framing, or a bound.
    enum Failure: Error, Hashable {
        case tooLarge(bytes: Int, max: Int)
        case unknownFlag(UInt8)
    }

    /// The longest message, as it is declared.
    let bytesMax: Int
    /// The bytes of the prefix that have arrived, as one number, and how many they are.
    private var prefix: UInt64 = 0
    private var prefixCount = 0
    private var body: [UInt8] = []
    private var missing: Int?

    init(bytesMax: Int) { self.bytesMax = bytesMax }

    /// Bytes set aside for a message that is not complete.
    var keptBytes: Int { body.capacity }

    /// True when the body may end here.
    var isBetweenMessages: Bool { prefixCount == 0 && missing == nil }

    /// Takes the next piece; calls `message` for each message that it completes. The pointer is valid in the call alone.
    mutating func feed(
        _ bytes: UnsafeRawBufferPointer, _ message: (_ bytes: UnsafeRawBufferPointer, _ isCompressed: Bool) throws -> Void
    ) throws {
        var rest = bytes[...]
        while true {
            if missing == nil {
                while prefixCount < MessageFrame.prefixBytes, let byte = rest.popFirst() {
                    prefix = prefix << 8 | UInt64(byte)
                    prefixCount += 1
                }
                guard prefixCount == MessageFrame.prefixBytes else { return }
                let flag = UInt8(truncatingIfNeeded: prefix >> 32)
                guard flag <= 1 else { throw Failure.unknownFlag(flag) }
                let length = Int(prefix & 0xFFFF_FFFF)
                guard length <= bytesMax else { throw Failure.tooLarge(bytes: length, max: bytesMax) }
                missing = length
            }
            guard let wanted = missing else { return }
            guard body.isEmpty, rest.count >= wanted else {
                let piece = rest.prefix(wanted)
                body.append(contentsOf: piece)
                rest = rest.dropFirst(piece.count)
                missing = wanted - piece.count
                guard missing == 0 else { return }
                let whole = body
                let isCompressed = next()
                try whole.withUnsafeBytes { try message($0, isCompressed) }
                continue
            }
            let isCompressed = next()
            try message(UnsafeRawBufferPointer(rebasing: rest.prefix(wanted)), isCompressed)
            rest = rest.dropFirst(wanted)
        }
    }

    private mutating func next() -> Bool {
        let isCompressed = prefix >> 32 == 1
        prefix = 0
        prefixCount = 0
        body = []
        missing = nil
        return isCompressed
    }
}
