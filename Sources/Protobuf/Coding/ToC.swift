import CProtobufC
import Glibc

// Values of Swift as values of protobuf-c, copied into the arena.

extension Arena {
    public func text(_ text: String) -> ProtobufCBinaryData {
        if let copied = text.utf8.withContiguousStorageIfAvailable({ copy($0) }) { return copied }
        return Array(text.utf8).withUnsafeBufferPointer { copy($0) }
    }

    @inlinable public func bytes(_ bytes: [UInt8]) -> ProtobufCBinaryData {
        bytes.withUnsafeBufferPointer { copy($0) }
    }

    @inlinable func copy(_ bytes: UnsafeBufferPointer<UInt8>) -> ProtobufCBinaryData {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return ProtobufCBinaryData() }
        let target = allocate(bytes.count)!
        memcpy(target, start, bytes.count)
        return ProtobufCBinaryData(len: bytes.count, data: target.assumingMemoryBound(to: UInt8.self))
    }

    public func message<M: GeneratedMessage, C>(_ message: M) -> UnsafeMutablePointer<C>? {
        place(message).assumingMemoryBound(to: C.self)
    }

    public func message<M: GeneratedMessage, C>(_ message: M?) -> UnsafeMutablePointer<C>? {
        guard let message else { return nil }
        return place(message).assumingMemoryBound(to: C.self)
    }

    /// A message of protobuf-c that holds what `message` holds.
    @inlinable func place<M: GeneratedMessage>(_ message: borrowing M) -> UnsafeMutableRawPointer {
        let c = blank(M.wire)
        if !message.unknownFields.isEmpty { fill(c, message.unknownFields) }
        message.fill(c, self)
        return c
    }

    @inlinable func blank(_ wire: UnsafeRawPointer) -> UnsafeMutableRawPointer {
        let descriptor = wire.assumingMemoryBound(to: WireMessage.self).pointee.descriptor!
        let c = zeroed(descriptor.pointee.sizeof_message)
        c.assumingMemoryBound(to: ProtobufCMessage.self).pointee.descriptor = descriptor
        return c
    }

    @usableFromInline func fill(_ c: UnsafeMutableRawPointer, _ unknown: UnknownFields) {
        let base = c.assumingMemoryBound(to: ProtobufCMessage.self)
        base.pointee.n_unknown_fields = UInt32(unknown.fields.count)
        base.pointee.unknown_fields = list(unknown.fields) { field in
            let payload = bytes(field.payload)
            return ProtobufCMessageUnknownField(
                tag: field.number, wire_type: ProtobufCWireType(rawValue: UInt32(field.wireType)), len: payload.len,
                data: payload.data)
        }
    }

    @inlinable func list<T, C>(_ values: [T], _ element: (borrowing T) -> C) -> UnsafeMutablePointer<C>? {
        guard !values.isEmpty else { return nil }
        let start = allocate(values.count * MemoryLayout<C>.stride)!.assumingMemoryBound(to: C.self)
        values.withUnsafeBufferPointer { values in
            for index in 0..<values.count {
                (start + index).initialize(to: Lending.lend(values.baseAddress! + index, element))
            }
        }
        return start
    }

    public func texts(_ values: [String]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        list(values) { text($0) }
    }

    public func blobs(_ values: [[UInt8]]) -> UnsafeMutablePointer<ProtobufCBinaryData>? {
        list(values) { bytes($0) }
    }

    @inlinable public func bools(_ values: [Bool]) -> UnsafeMutablePointer<protobuf_c_boolean>? {
        list(values) { $0 ? 1 : 0 }
    }

    @inlinable public func numbers<N>(_ values: [N]) -> UnsafeMutablePointer<N>? {
        list(values) { copy $0 }
    }

    @inlinable public func enums<E: ProtobufEnum, C: RawRepresentable>(_ values: [E]) -> UnsafeMutablePointer<C>?
    where C.RawValue: FixedWidthInteger {
        // Every number is a value of a C enumeration.
        list(values) { C(rawValue: C.RawValue(truncatingIfNeeded: $0.rawValue))! }
    }

    @inlinable public func messages<M: GeneratedMessage, C>(
        _ values: [M]
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<C>?>? {
        list(values) { (value: borrowing M) in place(value).assumingMemoryBound(to: C.self) }
    }

    /// One entry per key, in the order of the keys, so that equal messages have equal bytes.
    @inlinable public func map<K: MapKey, V, C>(
        _ values: [K: V], _ wire: UnsafeRawPointer, _ fill: (UnsafeMutablePointer<C>, K, V) -> Void
    ) -> UnsafeMutablePointer<UnsafeMutablePointer<C>?>? {
        guard !values.isEmpty else { return nil }
        return list(values.keys.sorted { K.precedes($0, $1) }) { key in
            let entry = blank(wire).assumingMemoryBound(to: C.self)
            fill(entry, key, values[key]!)
            return entry
        }
    }
}
