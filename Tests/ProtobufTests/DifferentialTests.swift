import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3
import Testing

/// Against Google's own implementation, over random messages, both ways.
@Suite struct DifferentialTests {
    static let count = 200
    static let limits = DecodingLimits(allowsNUL: true)
    static let types = TypeRegistry(ProtobufTestMessagesProto3Messages.all)

    @Test("bytes and JSON of random messages mean the same to Google's protobuf, both ways", .timeLimit(.minutes(2)))
    func agreesWithGoogle() throws {
        let google = try GooglePeer(descriptors: ProtobufTestMessagesProto3FileDescriptors.serialized)
        for seed in 0..<Self.count {
            let theirs = try google.message(seed: seed)
            let fromWire = try TestAllTypesProto3(serialized: theirs.wire, limits: Self.limits)
            let fromJSON = try TestAllTypesProto3(
                json: theirs.json, options: JSONDecodingOptions(allowsNUL: true, types: Self.types))
            #expect(try google.canonical(wire: fromWire.serialized()).wire == theirs.wire, "wire to wire, seed \(seed)")
            #expect(try google.canonical(wire: fromJSON.serialized()).wire == theirs.wire, "JSON to wire, seed \(seed)")
            for defaults in [false, true] {
                let options = JSONEncodingOptions(emitsDefaults: defaults, types: Self.types)
                let ours = try fromWire.json(checking: options)
                #expect(try google.canonical(json: ours) == theirs.wire, "wire to JSON, seed \(seed)")
            }
        }
    }

    @Test("unknown fields of every wire type come back as they were")
    func keepsUnknownFields() throws {
        let google = try GooglePeer(descriptors: ProtobufTestMessagesProto3FileDescriptors.serialized)
        // Fields 501 to 504, reserved in the contract: a varint, eight bytes, a string, four bytes.
        let unknown: [UInt8] =
            [0xA8, 0x1F, 0x96, 0x01, 0xB1, 0x1F, 1, 2, 3, 4, 5, 6, 7, 8, 0xBA, 0x1F, 2, 104, 105, 0xC5, 0x1F, 9, 9, 9, 9]
        let message = try TestAllTypesProto3(serialized: [0x08, 0x05] + unknown)
        #expect(message.optionalInt32 == 5)
        #expect(message.unknownFields.fields.map(\.number) == [501, 502, 503, 504])
        #expect(message.serialized() == [0x08, 0x05] + unknown)
        #expect(try google.canonical(wire: message.serialized()).wire == [0x08, 0x05] + unknown)
        #expect(message.jsonString() == #"{"optionalInt32":5}"#)
    }
}
