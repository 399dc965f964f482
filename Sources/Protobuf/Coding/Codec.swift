import CProtobufC

extension GeneratedMessage {
    @inlinable public init(serialized bytes: UnsafeRawBufferPointer, limits: DecodingLimits) throws(DecodingError) {
        let arena = Arena.borrow()
        defer { arena.release() }
        self.init(c: try arena.decode(bytes, as: Self.wire, limits))
    }

    @inlinable public func withSerialized<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        let arena = Arena.borrow()
        defer { arena.release() }
        return try body(arena.encode(arena.place(self)))
    }
}

extension Arena {
    @usableFromInline static func borrow() -> Arena { take() }

    @usableFromInline func release() { Self.giveBack(self) }

    /// The message of protobuf-c that `bytes` hold, after the pre-scan found nothing against them.
    @usableFromInline func decode(
        _ bytes: UnsafeRawBufferPointer, as wire: UnsafeRawPointer, _ limits: DecodingLimits
    ) throws(DecodingError) -> UnsafeRawPointer {
        let message = wire.assumingMemoryBound(to: WireMessage.self)
        try PreScan.check(bytes, as: message, limits)
        bytesMax = limits.arenaBytesMax
        guard let c = unpack(bytes, as: message.pointee.descriptor) else {
            throw isExhausted
                ? DecodingError(.tooLarge, path: "", message: "takes more than \(limits.arenaBytesMax) bytes of memory")
                : DecodingError(.malformed, path: "", message: "is not a \(String(cString: message.pointee.name))")
        }
        return UnsafeRawPointer(c)
    }

    @usableFromInline func encode(_ message: UnsafeMutableRawPointer) -> UnsafeRawBufferPointer { pack(message) }
}
