/// A position in bytes of the wire format that never passes their end.
///
/// What nearly every field needs is compiled into the loop that asks for it: a call for each tag took twice the time.
struct WireCursor {
    private(set) var next: UnsafeRawPointer
    private let end: UnsafeRawPointer

    init(next: UnsafeRawPointer, end: UnsafeRawPointer) {
        self.next = next
        self.end = end
    }

    var isAtEnd: Bool { next >= end }

    /// What lies between here and the end.
    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: next, count: end - next) }

    /// A field's number and wire type: at most five bytes, the number from 1 to 2^29 - 1.
    @inline(__always)
    mutating func tag() throws(DecodingError) -> (number: UInt32, wireType: UInt8) {
        let tag = try shortVarint()
        guard tag <= UInt64(UInt32.max), tag >= 8 else { throw .malformed("a field's number is out of range") }
        return (UInt32(truncatingIfNeeded: tag >> 3), UInt8(truncatingIfNeeded: tag & 7))
    }

    /// Passes a length and as many bytes; answers these.
    @inline(__always)
    mutating func content() throws(DecodingError) -> WireCursor {
        let length = try shortVarint()
        guard length <= UInt64(end - next) else { throw .malformed("a length passes the end") }
        let start = next
        next += Int(truncatingIfNeeded: length)
        return WireCursor(next: start, end: next)
    }

    /// Passes a value that has no length: wire types 0, 1 and 5.
    @inline(__always)
    mutating func skipNumber(_ wireType: UInt8) throws(DecodingError) {
        switch wireType {
        case 0: try skipVarint()
        case 1: try skip(8)
        case 5: try skip(4)
        case 3, 4: throw .malformed("groups are not supported")
        default: throw .malformed("a wire type is unknown")
        }
    }

    @inline(__always)
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

    private mutating func skip(_ count: Int) throws(DecodingError) {
        guard count <= end - next else { throw .malformed("ends within a number") }
        next += count
    }

    /// A tag or a length. Nearly all are of one byte.
    @inline(__always)
    private mutating func shortVarint() throws(DecodingError) -> UInt64 {
        guard next < end, next.load(as: UInt8.self) < 0x80 else { return try longVarint() }
        defer { next += 1 }
        return UInt64(next.load(as: UInt8.self))
    }

    /// Of five bytes at most.
    @inline(never)
    private mutating func longVarint() throws(DecodingError) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while next < end, shift < 35 {
            let byte = next.load(as: UInt8.self)
            next += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
        throw .malformed("ends within a tag or a length, or one is too long")
    }
}

extension DecodingError {
    static func malformed(_ message: String) -> DecodingError { DecodingError(.malformed, path: "", message: message) }
}
