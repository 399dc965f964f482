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
        var cursor = Cursor(next: start, end: start + bytes.count)
        try scan.scan(&cursor, as: message, depth: 1)
    }

    private init(limits: DecodingLimits, fieldsLeft: Int) {
        self.limits = limits
        self.fieldsLeft = fieldsLeft
    }

    private mutating func scan(
        _ cursor: inout Cursor, as message: UnsafePointer<WireMessage>, depth: Int
    ) throws(DecodingError) {
        guard depth <= limits.depthMax else {
            throw DecodingError(.tooLarge, path: "", message: "is nested deeper than \(limits.depthMax)")
        }
        // Which singular message fields were there: WireGen gives each a slot from 1 to 128.
        var seen: (UInt64, UInt64) = (0, 0)
        while cursor.next < cursor.end {
            fieldsLeft -= 1
            guard fieldsLeft >= 0 else {
                throw DecodingError(.tooLarge, path: "", message: "has more than \(limits.fieldsMax) fields")
            }
            let (number, wireType) = try cursor.tag()
            guard let field = Self.field(number, of: message) else {
                _ = try cursor.value(wireType)
                continue
            }
            do throws(DecodingError) {
                try check(field, wireType, &cursor, &seen, depth: depth)
            } catch {
                throw error.inside(String(cString: field.pointee.name))
            }
        }
    }

    private mutating func check(
        _ field: UnsafePointer<WireField>, _ wireType: UInt8, _ cursor: inout Cursor, _ seen: inout (UInt64, UInt64), depth: Int
    ) throws(DecodingError) {
        var value = try cursor.value(wireType)
        switch WireKind(UInt32(field.pointee.kind)) {
        case WIRE_KIND_MESSAGE:
            guard wireType == 2 else { throw .mismatch }
            try note(field.pointee.slot, &seen)
            try scan(&value, as: field.pointee.message, depth: depth + 1)
        case WIRE_KIND_TEXT:
            guard wireType == 2 else { throw .mismatch }
            try Text.check(value.bytes, allowsNUL: limits.allowsNUL)
        case WIRE_KIND_BYTES:
            guard wireType == 2 else { throw .mismatch }
        case WIRE_KIND_FIXED32:
            try checkNumbers(value, field, wireType, own: 5, width: 4)
        case WIRE_KIND_FIXED64:
            try checkNumbers(value, field, wireType, own: 1, width: 8)
        default:
            if wireType == 0 { return }
            guard wireType == 2, field.pointee.repeated != 0 else { throw .mismatch }
            while value.next < value.end { try value.skipVarint() }
        }
    }

    /// One number, or many packed ones where the field is repeated.
    private func checkNumbers(
        _ value: Cursor, _ field: UnsafePointer<WireField>, _ wireType: UInt8, own: UInt8, width: Int
    ) throws(DecodingError) {
        if wireType == own { return }
        guard wireType == 2, field.pointee.repeated != 0, (value.end - value.next) % width == 0 else { throw .mismatch }
    }

    private func note(_ slot: UInt16, _ seen: inout (UInt64, UInt64)) throws(DecodingError) {
        guard slot > 0 else { return }
        let bit = UInt64(1) << UInt64((slot - 1) & 63)
        let isFirst = slot <= 64 ? seen.0 & bit == 0 : seen.1 & bit == 0
        guard isFirst else { throw DecodingError(.duplicateField, path: "", message: "is there twice") }
        if slot <= 64 { seen.0 |= bit } else { seen.1 |= bit }
    }

    private static func field(_ number: UInt32, of message: UnsafePointer<WireMessage>) -> UnsafePointer<WireField>? {
        let count = message.pointee.field_count
        guard count > 0, let fields = message.pointee.fields else { return nil }
        // Most messages number their fields without gaps.
        if number <= count, fields[Int(number) - 1].number == number { return fields + Int(number) - 1 }
        var low = 0
        var high = Int(count)
        while low < high {
            let middle = (low + high) / 2
            if fields[middle].number < number { low = middle + 1 } else { high = middle }
        }
        return low < Int(count) && fields[low].number == number ? fields + low : nil
    }
}

/// A position in bytes that never passes their end.
private struct Cursor {
    var next: UnsafeRawPointer
    let end: UnsafeRawPointer

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: next, count: end - next) }

    /// A field's number and wire type: at most five bytes, the number from 1 to 2^29 - 1.
    mutating func tag() throws(DecodingError) -> (UInt32, UInt8) {
        let tag = try varint(bytesMax: 5)
        let number = tag >> 3
        guard tag <= UInt64(UInt32.max), number > 0 else { throw .malformed("a field's number is out of range") }
        return (UInt32(number), UInt8(tag & 7))
    }

    /// Passes a value; answers what is between its length and its end where it has a length.
    mutating func value(_ wireType: UInt8) throws(DecodingError) -> Cursor {
        let start = next
        switch wireType {
        case 0: try skipVarint()
        case 1: try advance(8)
        case 5: try advance(4)
        case 2:
            let length = try varint(bytesMax: 5)
            guard length <= UInt64(end - next) else { throw .malformed("a length passes the end") }
            let content = next
            next += Int(length)
            return Cursor(next: content, end: next)
        case 3, 4: throw .malformed("groups are not supported")
        default: throw .malformed("a wire type is unknown")
        }
        return Cursor(next: start, end: next)
    }

    mutating func skipVarint() throws(DecodingError) {
        var length = 0
        while next < end, length < 10 {
            let byte = next.load(as: UInt8.self)
            next += 1
            length += 1
            if byte < 0x80 { return }
        }
        throw .malformed(length == 10 ? "a number is longer than ten bytes" : "ends within a number")
    }

    private mutating func varint(bytesMax: Int) throws(DecodingError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while next < end, shift < UInt64(bytesMax * 7) {
            let byte = next.load(as: UInt8.self)
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed("ends within a tag or a length, or one is too long")
    }

    private mutating func advance(_ count: Int) throws(DecodingError) {
        guard count <= end - next else { throw .malformed("ends within a number") }
        next += count
    }
}

extension DecodingError {
    fileprivate static func malformed(_ message: String) -> DecodingError {
        DecodingError(.malformed, path: "", message: message)
    }

    fileprivate static var mismatch: DecodingError { .malformed("has another type on the wire") }

    fileprivate func inside(_ name: String) -> DecodingError {
        DecodingError(reason, path: path.isEmpty ? name : "\(name).\(path)", message: message)
    }
}
