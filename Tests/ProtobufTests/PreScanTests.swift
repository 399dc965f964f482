import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3
import Testing

/// The hostile inputs of the wire format: each gives a clear error, and nothing crashes.
@Suite struct PreScanTests {
    /// Field numbers of TestAllTypesProto3.
    enum Number {
        static let int32 = 1
        static let fixed32 = 7
        static let string = 14
        static let bytes = 15
        static let nested = 18
        static let recursive = 27
        static let repeatedString = 44
        static let repeatedNested = 48
        static let packedFixed64 = 82
        static let unpackedInt32 = 89
        static let stringMap = 69
        static let oneofString = 113
    }

    private func refusal(_ bytes: [UInt8], _ limits: DecodingLimits = .default) -> DecodingError? {
        do {
            _ = try TestAllTypesProto3(serialized: bytes, limits: limits)
            return nil
        } catch {
            return error
        }
    }

    @Test("nesting passes the limit by one and by 100,000")
    func depth() {
        #expect(refusal(Bytes.nested(Number.recursive, depth: 99)) == nil)
        let error = refusal(Bytes.nested(Number.recursive, depth: 100))
        #expect(error?.reason == .tooLarge)
        #expect(error?.path.hasPrefix("recursive_message.recursive_message") == true)
        // Lengths are wrong from some depth on, but the depth is what is found first.
        let deep = (0..<100_000).flatMap { _ in Bytes.tag(Number.recursive, 2) + Bytes.varint(2) }
        #expect(refusal(deep) != nil)
    }

    @Test("nesting of google.protobuf.Value is bounded")
    func depthOfValue() {
        var bytes: [UInt8] = []
        for _ in 0..<8_000 { bytes = Bytes.field(6, Bytes.field(1, bytes)) }
        #expect(throws: DecodingError.self) { try Value(serialized: bytes) }
    }

    @Test("groups", arguments: [3, 4])
    func groups(_ wireType: Int) {
        #expect(refusal(Bytes.tag(Number.nested, wireType))?.reason == .malformed)
        #expect(refusal(Bytes.tag(501, wireType))?.reason == .malformed)
    }

    @Test("wire types that do not exist", arguments: [6, 7])
    func unknownWireTypes(_ wireType: Int) {
        #expect(refusal(Bytes.tag(501, wireType) + [0, 0, 0, 0])?.reason == .malformed)
    }

    @Test("field numbers out of range")
    func fieldNumbers() {
        #expect(refusal([0x00, 0x01])?.message == "a field's number is out of range")
        #expect(refusal(Bytes.varint(1 << 32) + [0])?.reason == .malformed)
        // 2^29 - 1 is the last number.
        #expect(refusal(Bytes.tag((1 << 29) - 1, 0) + [0]) == nil)
    }

    @Test("a varint of 11 bytes")
    func longVarint() {
        let ten = [UInt8](repeating: 0xFF, count: 9) + [0x01]
        #expect(refusal(Bytes.tag(Number.int32, 0) + ten) == nil)
        let eleven = [UInt8](repeating: 0xFF, count: 10) + [0x01]
        #expect(refusal(Bytes.tag(Number.int32, 0) + eleven)?.reason == .malformed)
        #expect(refusal(Bytes.tag(501, 0) + eleven)?.reason == .malformed)
        #expect(refusal(Bytes.field(75, eleven))?.path == "packed_int32")
    }

    @Test("lengths that pass the end")
    func lengths() {
        #expect(refusal(Bytes.tag(Number.bytes, 2) + [5, 1, 2])?.message == "a length passes the end")
        #expect(refusal(Bytes.tag(Number.bytes, 2) + Bytes.varint(0xFFFF_FFFF))?.reason == .malformed)
        #expect(refusal(Bytes.tag(Number.bytes, 2) + [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01])?.reason == .malformed)
        #expect(refusal(Bytes.field(Number.nested, [0x12, 0x7F]))?.path == "optional_nested_message.corecursive")
    }

    @Test("every prefix of a message is a message or an error")
    func truncation() throws {
        let whole = SampleMessages.full.serialized()
        for count in 0..<whole.count { _ = refusal(Array(whole[..<count])) }
        #expect(refusal(whole) == nil)
    }

    @Test("packed and unpacked forms of one field are read alike")
    func packedAndUnpacked() throws {
        let bytes = Bytes.tag(Number.unpackedInt32, 0) + [1] + Bytes.field(Number.unpackedInt32, [2, 3])
        #expect(try TestAllTypesProto3(serialized: bytes).unpackedInt32 == [1, 2, 3])
        #expect(refusal(Bytes.field(Number.packedFixed64, [1, 2, 3]))?.path == "packed_fixed64")
    }

    @Test("a field with another type on the wire")
    func mismatch() {
        #expect(refusal(Bytes.tag(Number.string, 0) + [1])?.path == "optional_string")
        #expect(refusal(Bytes.field(Number.int32, [1]))?.path == "optional_int32")
        #expect(refusal(Bytes.tag(Number.fixed32, 1) + [UInt8](repeating: 0, count: 8))?.path == "optional_fixed32")
    }

    @Test("more fields than the limit, known and unknown")
    func fieldCount() {
        let limits = DecodingLimits(fieldsMax: 1000)
        let known = (0..<1001).flatMap { _ in Bytes.field(Number.repeatedNested, []) }
        #expect(refusal(known, limits)?.reason == .tooLarge)
        let unknown = (0..<1_000_000).flatMap { _ in [0xA8, 0x1F, 0x01] as [UInt8] }
        #expect(refusal(unknown)?.message == "has more than 100000 fields")
    }

    @Test("a message longer than the limit")
    func size() {
        let error = refusal(Bytes.field(Number.bytes, [UInt8](repeating: 0, count: 4 << 20)))
        #expect(error?.reason == .tooLarge)
    }

    @Test("memory beyond the limit")
    func memory() {
        // 61 bytes of memory and more for each two or three of the wire.
        let many = (0..<90_000).flatMap { _ in Bytes.field(Number.repeatedNested, []) }
        let error = refusal(many, DecodingLimits(arenaBytesMax: 1 << 20))
        #expect(error?.reason == .tooLarge)
        #expect(refusal(many) == nil)
    }

    @Test("a singular message that is there 100,000 times is refused at once")
    func duplicates() {
        let one = Bytes.field(Number.nested, [])
        #expect(refusal(one + one)?.reason == .duplicateField)
        let inner = Bytes.field(Number.recursive, Bytes.field(Number.repeatedString, [65]))
        let clock = ContinuousClock()
        let elapsed = clock.measure { #expect(refusal((0..<100_000).flatMap { _ in inner }) != nil) }
        #expect(elapsed < .seconds(5))
    }

    @Test(
        "text that is not UTF-8",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF0, 0x80, 0x80, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0x80], [65, 65, 65, 65, 65, 65, 65, 65, 0xC3],
        ] as [[UInt8]])
    func invalidUTF8(_ text: [UInt8]) {
        #expect(refusal(Bytes.field(Number.string, text))?.reason == .invalidText)
        #expect(refusal(Bytes.field(Number.repeatedString, text))?.path == "repeated_string")
        #expect(refusal(Bytes.field(Number.oneofString, text))?.reason == .invalidText)
        #expect(refusal(Bytes.field(Number.stringMap, Bytes.field(1, text)))?.path == "map_string_string.key")
        #expect(refusal(Bytes.field(Number.bytes, text)) == nil)
    }

    @Test("U+0000 in text is refused, or kept where it is allowed, and never cut")
    func nul() throws {
        let bytes = Bytes.field(Number.string, Array("admin\0evil".utf8))
        #expect(refusal(bytes)?.message == "holds U+0000")
        let kept = try TestAllTypesProto3(serialized: bytes, limits: DecodingLimits(allowsNUL: true))
        #expect(kept.optionalString == "admin\0evil")
        #expect(kept.serialized() == bytes)
    }

    @Test("1 MiB of the worst takes no more than a moment")
    func worstCase() {
        let clock = ContinuousClock()
        let inputs: [[UInt8]] = [
            (0..<90_000).flatMap { _ in Bytes.field(Number.repeatedString, [65, 66, 67, 68, 69, 70, 71, 72, 73]) },
            Bytes.field(Number.string, [UInt8](repeating: 0xC3, count: 1 << 20)),
            Bytes.field(75, [UInt8](repeating: 1, count: 1 << 20)),
        ]
        for input in inputs {
            // Unoptimised code is some thirty times slower than what is shipped.
            #expect(clock.measure { _ = refusal(input) } < .seconds(2))
        }
    }
}
