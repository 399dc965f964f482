import Foundation
import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3
import Testing

/// Against Google's own implementation, over random messages, both ways.
@Suite struct DifferentialTests {
    static let count = ProcessInfo.processInfo.environment["SWITCHBOARD_TEST_LONG"] == "1" ? 5_000 : 200
    static let limits = DecodingLimits(allowsNUL: true)
    static let types = TypeRegistry(ProtobufTestMessagesProto3Messages.all)

    @Test("bytes and JSON of random messages mean the same to Google's protobuf, both ways", .timeLimit(.minutes(20)))
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

    @Test("each spelling of JSON means to Google's protobuf what it means to us, or is refused by both")
    func readsJSONAsGoogle() throws {
        let google = try GooglePeer(descriptors: ProtobufTestMessagesProto3FileDescriptors.serialized)
        for text in Self.spellings {
            let theirs = try? google.canonical(json: Array(text.utf8))
            let ours = try? TestAllTypesProto3(json: text, options: JSONDecodingOptions(types: Self.types))
            // Google writes both halves of every map entry.
            let ourWire = try ours.map { try google.canonical(wire: $0.serialized()).wire }
            #expect(ourWire == theirs, "\(text)")
        }
    }

    /// Without `[]`, which Google's Python takes for an empty message; ProtoJSON has objects there.
    private static let spellings = [
        #"{"optionalBytes":"-_8"}"#, #"{"optionalBytes":"-_8="}"#, #"{"optionalBytes":"+/8="}"#,
        #"{"optionalInt32":"5"}"#, #"{"optionalInt32":1e3}"#, #"{"optionalInt32":100000.000}"#, #"{"optionalInt32":0.5}"#,
        #"{"optionalInt32":2147483648}"#, #"{"optionalInt32":-2147483648}"#, #"{"optionalInt32":""}"#,
        #"{"optionalInt32":" 5"}"#, #"{"optionalInt32":true}"#, #"{"optionalInt32":01}"#, #"{"optionalInt32":+1}"#,
        #"{"optionalUint32":4294967295}"#, #"{"optionalUint32":-1}"#, #"{"optionalInt64":9223372036854775807}"#,
        #"{"optionalInt64":"9223372036854775808"}"#, #"{"optionalUint64":"18446744073709551615"}"#,
        #"{"optionalInt64":9007199254740993}"#, #"{"optionalFloat":"NaN"}"#, #"{"optionalFloat":"-Infinity"}"#,
        #"{"optionalDouble":"1.5"}"#, #"{"optionalFloat":3.5e38}"#, #"{"optionalFloat":1e-50}"#,
        #"{"repeatedDouble":[-0.0,1E5,"NaN"]}"#, #"{"optionalBool":"true"}"#, #"{"optionalBool":1}"#,
        #"{"optionalNestedEnum":"BAZ"}"#, #"{"optionalNestedEnum":2}"#, #"{"optionalNestedEnum":77}"#,
        #"{"optionalNestedEnum":"NOPE"}"#, #"{"optional_nested_enum":"NEG"}"#, #"{"optionalString":null}"#,
        #"{"repeatedInt32":null}"#, #"{"repeatedInt32":[null]}"#, #"{"mapInt32Int32":{"1":null}}"#,
        #"{"mapInt32Int32":{"x":1}}"#, #"{"mapBoolBool":{"true":false}}"#, #"{"mapInt64Int64":{"-9":"9"}}"#,
        #"{"optionalTimestamp":"1970-01-01T01:00:00.5+01:00"}"#, #"{"optionalTimestamp":"10000-01-01T00:00:00Z"}"#,
        #"{"optionalDuration":"-0.5s"}"#, #"{"optionalDuration":"315576000001s"}"#, #"{"optionalDuration":"1"}"#,
        #"{"optionalFieldMask":"a,fooBar.b"}"#, #"{"optionalValue":null}"#, #"{"optionalStruct":{"a":[{},null]}}"#,
        #"{"optionalNullValue":null}"#, #"{"oneofUint32":1,"oneofString":"a"}"#, #"{"oneofNullValue":null}"#,
        #"{"optionalInt32":1,"optionalInt32":2}"#, #"{"nope":1}"#, #"{"optionalString":"\u00e9\ud83d\ude00"}"#,
        #"{"optionalInt64Wrapper":"5","optionalBytesWrapper":null}"#, #"{"repeatedStringWrapper":["a",""]}"#,
        #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}}"#, "", "{", "{}",
    ]
}
