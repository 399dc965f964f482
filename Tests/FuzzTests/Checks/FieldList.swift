import CProtobufC
import Protobuf

/// Wire format made of a message's own fields, as arbitrary bytes choose them: a mutation then changes a field and not the
/// framing around it. Some fields are wrong on purpose.
struct FieldList {
    private static let depthMax = 8
    private var source: ArraySlice<UInt8>

    static func wire<M: GeneratedMessage>(of type: M.Type, _ choices: [UInt8]) -> [UInt8] {
        var list = FieldList(source: choices[...])
        return list.message(M.wire.assumingMemoryBound(to: WireMessage.self), depth: 1)
    }

    /// Each field once, in all messages inside too.
    static func everything<M: GeneratedMessage>(in type: M.Type) -> [UInt8] {
        sample(M.wire.assumingMemoryBound(to: WireMessage.self), depth: 1)
    }

    private mutating func next() -> UInt8 { source.popFirst() ?? 0 }

    private mutating func bytes(_ count: Int) -> [UInt8] {
        defer { source = source.dropFirst(count) }
        return Array(source.prefix(count))
    }

    private mutating func message(_ type: UnsafePointer<WireMessage>, depth: Int) -> [UInt8] {
        var wire: [UInt8] = []
        let fields = UnsafeBufferPointer(start: type.pointee.fields, count: Int(type.pointee.field_count))
        var left = depth == 1 ? Int.max : Int(next() % 8)
        while left > 0, !source.isEmpty {
            left -= 1
            let (choice, fault) = (next(), next())
            guard !fields.isEmpty, fault < 0xF8 else {
                wire += Self.tag(UInt32(choice) + 1, fault & 7) + bytes(Int(next() % 12))
                continue
            }
            wire += field(fields[Int(choice) % fields.count], fault, depth: depth)
        }
        return wire
    }

    private mutating func field(_ field: WireField, _ fault: UInt8, depth: Int) -> [UInt8] {
        var content: [UInt8]
        switch WireKind(UInt32(field.kind)) {
        case WIRE_KIND_VARINT where field.repeated == 0 || fault & 1 == 0:
            return Self.tag(field.number, 0) + varint()
        case WIRE_KIND_FIXED32 where field.repeated == 0 || fault & 1 == 0:
            return Self.tag(field.number, 5) + padded(4)
        case WIRE_KIND_FIXED64 where field.repeated == 0 || fault & 1 == 0:
            return Self.tag(field.number, 1) + padded(8)
        case WIRE_KIND_VARINT: content = (0..<next() % 6).flatMap { _ in varint() }
        case WIRE_KIND_FIXED32: content = (0..<next() % 6).flatMap { _ in padded(4) }
        case WIRE_KIND_FIXED64: content = (0..<next() % 6).flatMap { _ in padded(8) }
        case WIRE_KIND_MESSAGE: content = depth < Self.depthMax ? message(field.message, depth: depth + 1) : []
        case WIRE_KIND_TEXT where fault & 3 != 0: content = bytes(Int(next() % 24)).map { 0x20 + $0 % 0x5F }
        default: content = bytes(Int(next() % 24))
        }
        // One length in 64 is wrong by one.
        let length = fault & 0xFC == 0xF4 ? content.count + 1 : content.count
        return Self.tag(field.number, 2) + Self.varint(UInt64(length)) + content
    }

    /// Up to ten bytes, as they come.
    private mutating func varint() -> [UInt8] {
        var value = bytes(1 + Int(next() % 10))
        if value.isEmpty { return [0] }
        for index in value.indices { value[index] |= 0x80 }
        value[value.count - 1] &= 0x7F
        return value
    }

    private mutating func padded(_ count: Int) -> [UInt8] {
        let taken = bytes(count)
        return taken + Array(repeating: 0, count: count - taken.count)
    }

    private static func sample(_ type: UnsafePointer<WireMessage>, depth: Int) -> [UInt8] {
        let fields = UnsafeBufferPointer(start: type.pointee.fields, count: Int(type.pointee.field_count))
        return fields.flatMap { field -> [UInt8] in
            switch WireKind(UInt32(field.kind)) {
            case WIRE_KIND_VARINT: return tag(field.number, 0) + [1]
            case WIRE_KIND_FIXED32: return tag(field.number, 5) + [0, 0, 0x80, 0x3F]
            case WIRE_KIND_FIXED64: return tag(field.number, 1) + [0, 0, 0, 0, 0, 0, 0xF8, 0x3F]
            case WIRE_KIND_MESSAGE:
                let content = depth < 4 ? sample(field.message, depth: depth + 1) : []
                return tag(field.number, 2) + varint(UInt64(content.count)) + content
            default: return tag(field.number, 2) + [2, UInt8(ascii: "a"), UInt8(ascii: "1")]
            }
        }
    }

    private static func tag(_ number: UInt32, _ wireType: UInt8) -> [UInt8] { varint(UInt64(number) << 3 | UInt64(wireType)) }

    private static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }
}
