import CProtobufC

/// Judges bytes from outside before protobuf-c sees them: in one pass, without allocating.
///
/// protobuf-c crashes on deep nesting, merges a repeated singular message in quadratic time and checks no text.
struct PreScan {
    private let limits: DecodingLimits
    private var fieldsLeft: Int

    /// Throws what is wrong with `bytes` as a message of the type `message`.
    static func check(
        _ bytes: UnsafeRawBufferPointer, as message: UnsafePointer<WireMessage>, _ limits: DecodingLimits
    ) throws(DecodingError) {
        guard bytes.count <= limits.messageBytesMax else {
            throw DecodingError(.tooLarge, path: "", message: "is longer than \(limits.messageBytesMax) bytes")
        }
        guard let start = bytes.baseAddress, bytes.count > 0 else { return }
        var scan = PreScan(limits: limits, fieldsLeft: limits.fieldsMax)
        try scan.scan(WireCursor(next: start, end: start + bytes.count), as: message, depth: 1)
    }

    private init(limits: DecodingLimits, fieldsLeft: Int) {
        self.limits = limits
        self.fieldsLeft = fieldsLeft
    }

    @inline(never)
    private mutating func scan(
        _ bytes: WireCursor, as message: UnsafePointer<WireMessage>, depth: Int
    ) throws(DecodingError) {
        guard depth <= limits.depthMax else {
            throw DecodingError(.tooLarge, path: "", message: "is nested deeper than \(limits.depthMax)")
        }
        var cursor = bytes
        // Which singular message fields were there: WireGen gives each a slot from 1 to 128.
        var seen: (UInt64, UInt64) = (0, 0)
        while !cursor.isAtEnd {
            fieldsLeft -= 1
            guard fieldsLeft >= 0 else {
                throw DecodingError(.tooLarge, path: "", message: "has more than \(limits.fieldsMax) fields")
            }
            let (number, wireType) = try cursor.tag()
            guard let field = Self.field(number, of: message) else {
                if wireType == 2 { _ = try cursor.content() } else { try cursor.skipNumber(wireType) }
                continue
            }
            do throws(DecodingError) {
                let kind = WireKind(UInt32(field.pointee.kind))
                guard wireType == 2 else {
                    try cursor.skipNumber(wireType)
                    guard wireType == kind.wireType else { throw .mismatch }
                    continue
                }
                let value = try cursor.content()
                switch kind {
                case WIRE_KIND_MESSAGE:
                    try note(field.pointee.slot, &seen)
                    try scan(value, as: field.pointee.message, depth: depth + 1)
                case WIRE_KIND_TEXT: try Text.check(value.bytes, allowsNUL: limits.allowsNUL)
                case WIRE_KIND_BYTES: break
                default: try checkPacked(value, field, kind)
                }
            } catch {
                throw error.inside(String(cString: field.pointee.name))
            }
        }
    }

    /// Many numbers of a repeated field behind one tag.
    private func checkPacked(
        _ numbers: WireCursor, _ field: UnsafePointer<WireField>, _ kind: WireKind
    ) throws(DecodingError) {
        guard field.pointee.repeated != 0 else { throw .mismatch }
        switch kind {
        case WIRE_KIND_FIXED32: guard numbers.bytes.count % 4 == 0 else { throw .mismatch }
        case WIRE_KIND_FIXED64: guard numbers.bytes.count % 8 == 0 else { throw .mismatch }
        default:
            var numbers = numbers
            while !numbers.isAtEnd { try numbers.skipVarint() }
        }
    }

    private func note(_ slot: UInt16, _ seen: inout (UInt64, UInt64)) throws(DecodingError) {
        guard slot > 0 else { return }
        let bit = UInt64(1) << UInt64((slot - 1) & 63)
        let isFirst = slot <= 64 ? seen.0 & bit == 0 : seen.1 & bit == 0
        guard isFirst else { throw DecodingError(.duplicateField, path: "", message: "is there twice") }
        if slot <= 64 { seen.0 |= bit } else { seen.1 |= bit }
    }

    @inline(__always)
    private static func field(_ number: UInt32, of message: UnsafePointer<WireMessage>) -> UnsafePointer<WireField>? {
        let count = message.pointee.field_count
        guard count > 0, let fields = message.pointee.fields else { return nil }
        // Most messages number their fields without gaps.
        if number <= count, fields[Int(number) - 1].number == number { return fields + Int(number) - 1 }
        return search(number, fields, count)
    }

    private static func search(
        _ number: UInt32, _ fields: UnsafePointer<WireField>, _ count: UInt32
    ) -> UnsafePointer<WireField>? {
        var low = 0
        var high = Int(count)
        while low < high {
            let middle = (low + high) / 2
            if fields[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < Int(count) && fields[low].number == number ? fields + low : nil
    }
}

extension WireKind {
    /// Of one value of this kind; repeated numbers come packed too.
    fileprivate var wireType: UInt8 {
        switch self {
        case WIRE_KIND_VARINT: 0
        case WIRE_KIND_FIXED64: 1
        case WIRE_KIND_FIXED32: 5
        default: 2
        }
    }
}

extension DecodingError {
    fileprivate static var mismatch: DecodingError { .malformed("has another type on the wire") }

    fileprivate func inside(_ name: String) -> DecodingError {
        DecodingError(reason, path: path.isEmpty ? name : "\(name).\(path)", message: message)
    }
}
