import CProtobufC

// Values of protobuf-c as values of Swift, copied. Strings were found to be UTF-8 by the pre-scan.

extension String {
    @inlinable public init(c bytes: ProtobufCBinaryData) {
        guard let start = bytes.data, bytes.len > 0 else {
            self = ""
            return
        }
        self = String(decoding: UnsafeBufferPointer(start: start, count: bytes.len), as: UTF8.self)
    }
}

extension Array {
    /// Numbers, as they are.
    @inlinable public init(c start: UnsafeMutablePointer<Element>?, _ count: Int) {
        self = Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    @inlinable public init<C>(c start: UnsafeMutablePointer<C>?, _ count: Int, _ element: (C) -> Element) {
        guard let start, count > 0 else {
            self = []
            return
        }
        self = UnsafeBufferPointer(start: start, count: count).map(element)
    }
}

extension Array where Element == UInt8 {
    @inlinable public init(c bytes: ProtobufCBinaryData) {
        self = Array(UnsafeBufferPointer(start: bytes.data, count: bytes.data == nil ? 0 : bytes.len))
    }
}

extension Dictionary {
    /// Of two entries with one key the last counts.
    @inlinable public init<C>(
        c entries: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ count: Int,
        _ entry: (UnsafeMutablePointer<C>) -> (Key, Value)
    ) {
        self.init()
        guard let entries, count > 0 else { return }
        reserveCapacity(count)
        for index in 0..<count {
            let (key, value) = entry(entries[index]!)
            self[key] = value
        }
    }
}

extension UnknownFields {
    @inlinable public init(c message: UnsafeRawPointer) {
        let base = message.assumingMemoryBound(to: ProtobufCMessage.self)
        self = base.pointee.n_unknown_fields == 0 ? UnknownFields() : UnknownFields(copying: base)
    }

    @usableFromInline init(copying message: UnsafePointer<ProtobufCMessage>) {
        self.init(
            (0..<Int(message.pointee.n_unknown_fields)).map { index in
                let field = message.pointee.unknown_fields[index]
                let payload = Array(UnsafeBufferPointer(start: field.data, count: field.len))
                return Field(number: field.tag, wireType: UInt8(field.wire_type.rawValue), payload: payload)
            })
    }
}
