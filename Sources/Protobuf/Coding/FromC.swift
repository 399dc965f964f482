import CProtobufC

// Values of protobuf-c as values of Swift, copied. Strings were found to be UTF-8 by the pre-scan.

extension String {
    /// Of bytes that were found to be UTF-8, so that they need not be judged again.
    @inline(__always)
    init(checked text: UnsafeBufferPointer<UInt8>) {
        // What is shorter stands in the string itself, which does not ask.
        self.init(checked: text, isASCII: text.count < 16 || Text.isASCII(UnsafeRawBufferPointer(text)))
    }

    @inline(__always)
    init(checked text: UnsafeBufferPointer<UInt8>, isASCII: Bool) {
        self.init(copying: UTF8Span(unchecked: Span(_unsafeElements: text), isKnownASCII: isASCII))
    }

    public init(c bytes: ProtobufCBinaryData) {
        guard let start = bytes.data, bytes.len > 0 else {
            self = ""
            return
        }
        self.init(checked: UnsafeBufferPointer(start: start, count: bytes.len))
    }
}

extension Array {
    /// Numbers, as they are.
    @inlinable public init(numbers start: UnsafeMutablePointer<Element>?, _ count: Int) {
        self = Array(UnsafeBufferPointer(start: start, count: start == nil ? 0 : count))
    }

    /// What `element` makes of each value.
    @inlinable init<C>(_ start: UnsafeMutablePointer<C>?, _ count: Int, _ element: (C) -> Element) {
        self.init()
        guard let start, count > 0 else { return }
        // `Array(unsafeUninitializedCapacity:)` would look the type of its storage up each time.
        reserveCapacity(count)
        append(addingCapacity: count) { values in
            for index in 0..<count { values.append(element(start[index])) }
        }
    }
}

extension Array where Element: GeneratedMessage {
    @inlinable public init<C>(messages start: UnsafeMutablePointer<UnsafeMutablePointer<C>?>?, _ count: Int) {
        self.init()
        guard let start, count > 0 else { return }
        reserveCapacity(count)
        append(addingCapacity: count) { values in
            for index in 0..<count {
                values.append(Element())
                values[index].load(UnsafeRawPointer(start[index]!))
            }
        }
    }
}

extension Array where Element: ProtobufEnum {
    @inlinable public init<C: RawRepresentable>(enums start: UnsafeMutablePointer<C>?, _ count: Int)
    where C.RawValue: FixedWidthInteger {
        self.init(start, count) { Element(c: $0.rawValue) }
    }
}

extension [String] {
    public init(texts start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int) {
        self.init(start, count) { String(c: $0) }
    }
}

extension [[UInt8]] {
    public init(blobs start: UnsafeMutablePointer<ProtobufCBinaryData>?, _ count: Int) {
        self.init(start, count) { [UInt8](c: $0) }
    }
}

extension [Bool] {
    public init(bools start: UnsafeMutablePointer<protobuf_c_boolean>?, _ count: Int) {
        self.init(start, count) { $0 != 0 }
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
