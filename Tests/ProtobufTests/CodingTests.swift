import GoogleProtobuf
import ProtobufTestMessagesProto3
import Testing

@testable import Protobuf

@Suite struct CodingTests {
    @Test("a message with something of every shape survives its coding")
    func roundTrip() throws {
        #expect(try TestAllTypesProto3(serialized: SampleMessages.full.serialized()) == SampleMessages.full)
        #expect(try TestAllTypesProto3(json: SampleMessages.full.json()) == SampleMessages.full)
    }

    @Test("all coding goes through protobuf-c: one call for each message")
    func callsOfProtobufC() throws {
        let before = Arena.callsOnThisThread
        let bytes = SampleMessages.full.serialized()
        for _ in 0..<10 { _ = try TestAllTypesProto3(serialized: bytes) }
        for _ in 0..<5 { _ = SampleMessages.full.serialized() }
        let after = Arena.callsOnThisThread
        #expect(after.unpack - before.unpack == 10)
        #expect(after.pack - before.pack == 6)
    }

    @Test("what the pre-scan refuses never reaches protobuf-c")
    func refusedBeforeUnpack() {
        let before = Arena.callsOnThisThread
        #expect(throws: DecodingError.self) { try TestAllTypesProto3(serialized: [0xFF]) }
        #expect(Arena.callsOnThisThread.unpack == before.unpack)
    }

    @Test("scratch memory of one message is not that of another one inside its closure")
    func nestedScratch() {
        let outer = TestAllTypesProto3(optionalString: "outer")
        let inner = TestAllTypesProto3(optionalString: "inner")
        outer.withSerialized { outerBytes in
            inner.withSerialized { innerBytes in
                #expect(Array(outerBytes) == outer.serialized())
                #expect(Array(innerBytes) == inner.serialized())
            }
        }
    }

    @Test("a message larger than a block of the arena")
    func largeMessages() throws {
        let large = TestAllTypesProto3(
            optionalBytes: [UInt8](repeating: 7, count: 10 << 20), repeatedString: (0..<50_000).map { "text \($0)" })
        let limits = DecodingLimits(messageBytesMax: 64 << 20)
        #expect(try TestAllTypesProto3(serialized: large.serialized(), limits: limits) == large)
    }

    @Test("numbers that take the most bytes each fit into what is set aside for them", arguments: [0, 1, 7, 500, 5_000])
    func widestNumbers(count: Int) throws {
        let least = [Int32](repeating: -1, count: count)
        let message = TestAllTypesProto3(
            optionalInt32: -1, optionalInt64: -1, optionalBool: true, repeatedInt32: least, repeatedInt64: least.map(Int64.init),
            repeatedBool: least.map { _ in true }, repeatedNestedEnum: least.map { .init(rawValue: $0) },
            unpackedInt32: least, unpackedInt64: least.map(Int64.init), unpackedBool: least.map { _ in true },
            unpackedNestedEnum: least.map { .init(rawValue: $0) })
        #expect(try TestAllTypesProto3(serialized: message.serialized()) == message)
    }

    @Test("equal messages have equal bytes, whatever the order of their maps")
    func deterministic() {
        let one = TestAllTypesProto3(mapInt32Int32: Dictionary(uniqueKeysWithValues: (0..<100).map { ($0, $0) }))
        let other = TestAllTypesProto3(mapInt32Int32: Dictionary(uniqueKeysWithValues: (0..<100).reversed().map { ($0, $0) }))
        #expect(one.serialized() == other.serialized())
    }

    @Test("the last of two map entries with one key counts")
    func mapDuplicates() throws {
        let entries = Bytes.field(56, [0x08, 1, 0x10, 5]) + Bytes.field(56, [0x08, 1, 0x10, 6])
        #expect(try TestAllTypesProto3(serialized: entries).mapInt32Int32 == [1: 6])
        #expect(
            try TestAllTypesProto3(serialized: Bytes.field(71, Bytes.field(1, [65]))).mapStringNestedMessage == ["A": .init()])
    }

    @Test("the last member of a oneof counts")
    func oneofLastWins() throws {
        let bytes = Bytes.tag(111, 0) + [5] + Bytes.field(113, [65])
        #expect(try TestAllTypesProto3(serialized: bytes).oneofField == .oneofString("A"))
        let zero = TestAllTypesProto3(oneofField: .oneofUint32(0))
        #expect(try TestAllTypesProto3(serialized: zero.serialized()) == zero)
    }

    @Test("many threads code at once")
    func threads() async throws {
        await withTaskGroup(of: Bool.self) { group in
            for number in 0..<50 {
                group.addTask {
                    let message = TestAllTypesProto3(
                        optionalInt32: Int32(number), repeatedString: Array(repeating: "\(number)", count: 100))
                    return (0..<20).allSatisfy { _ in (try? TestAllTypesProto3(serialized: message.serialized())) == message }
                }
            }
            for await same in group { #expect(same) }
        }
    }

    @Test("options defined by extensions are found in unknown fields")
    func extensions() throws {
        let rule = UnknownFields([.init(number: 501, wireType: 2, payload: [2, 0x08, 7])])
        #expect(try rule.messages(501, as: ForeignMessage.self) == [ForeignMessage(c: 7)])
        #expect(UnknownFields([.init(number: 1052, wireType: 0, payload: [0x96, 0x01])]).varints(1052) == [150])
        #expect(UnknownFields([.init(number: 1052, wireType: 2, payload: [3, 1, 0x96, 0x01])]).varints(1052) == [1, 150])
    }
}
