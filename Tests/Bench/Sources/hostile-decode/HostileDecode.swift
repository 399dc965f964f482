import Foundation
import GoogleProtobuf
import Protobuf

/// What 1 MiB of the worst that can be sent costs to decode or to refuse: milliseconds of CPU, the least of several runs, beside the
/// limit that is set for it. One JSON line for each case.
@main
struct HostileDecode {
    static let bytesMax = 1 << 20
    static let limitMilliseconds = 20.0

    static func main() {
        measure("one text", StringValue.self, field(1, repeating(0x61, bytesMax)))
        measure("invalid UTF-8 at the end", StringValue.self, field(1, repeating(0x61, bytesMax - 1) + [0xFF]))
        measure("U+0000 at the end", StringValue.self, field(1, repeating(0x61, bytesMax - 1) + [0]))
        measure("empty texts", FieldMask.self, filled([0x0A, 0x00]))
        measure("texts of one byte", FieldMask.self, filled([0x0A, 0x01, 0x61]))
        measure("empty messages", ListValue.self, filled([0x0A, 0x00]))
        measure("empty map entries", Struct.self, filled([0x0A, 0x00]))
        measure("unknown varints", Empty.self, filled([0x10, 0x00]))
        measure("unknown texts", Empty.self, filled([0x12, 0x01, 0x61]))
        measure("a oneof given anew each time", Value.self, filled([0x20, 0x01]))
        measure("the same message again and again", Value.self, filled([0x2A, 0x02, 0x0A, 0x00]))
        measure("nesting", Value.self, nested())
        measure("varints of 11 bytes", Int64Value.self, filled([0x08] + repeating(0xFF, 10) + [0x01]))
        measure("groups", Empty.self, filled([0x0B]))
        measure("a length past the end", FieldMask.self, filled([0x0A, 0x01, 0x61]) + [0x0A, 0x7F])
    }

    static func measure<M: Message>(_ name: String, _ type: M.Type, _ bytes: [UInt8]) {
        var least = Double.infinity
        var outcome = ""
        for _ in 0..<10 {
            let start = processorSeconds()
            do {
                _ = try M(serialized: bytes)
                outcome = "taken"
            } catch {
                outcome = "refused"
            }
            least = min(least, (processorSeconds() - start) * 1_000)
        }
        let rounded = (least * 1_000).rounded() / 1_000
        print(
            """
            {"case":"hostile-decode","metric":"\(name), \(outcome): CPU ms for \(bytes.count) bytes","ours":\(rounded),\
            "peer":\(limitMilliseconds),"peer_name":"limit","ratio":\((limitMilliseconds / max(least, 0.001)).rounded())}
            """)
    }

    static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    static func repeating(_ byte: UInt8, _ count: Int) -> [UInt8] { Array(repeating: byte, count: count) }

    /// Whole repetitions of a piece, up to 1 MiB.
    static func filled(_ piece: [UInt8]) -> [UInt8] {
        Array(repeatElement(piece, count: bytesMax / piece.count).joined())
    }

    /// A field of bytes: tag, length, content.
    static func field(_ number: UInt8, _ content: [UInt8]) -> [UInt8] {
        [number << 3 | 2] + varint(content.count) + content
    }

    static func varint(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(rest & 0x7F | 0x80))
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    /// Lists in lists, from the inside out, as deep as 1 MiB allows.
    static func nested() -> [UInt8] {
        var backwards: [UInt8] = []
        while backwards.count < bytesMax - 12 {
            for tag: UInt8 in [0x0A, 0x32] {
                backwards.append(contentsOf: varint(backwards.count).reversed())
                backwards.append(tag)
            }
        }
        return backwards.reversed()
    }
}
