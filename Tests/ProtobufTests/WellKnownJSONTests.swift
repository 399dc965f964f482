import GoogleProtobuf
import GoogleRPC
import Protobuf
import ProtobufTestMessagesProto3
import Testing

@Suite struct WellKnownJSONTests {
    private static let types = TypeRegistry(ProtobufTestMessagesProto3Messages.all)

    @Test(
        "timestamps",
        arguments: [
            (Timestamp(seconds: 0), "1970-01-01T00:00:00Z"),
            (Timestamp(seconds: -1, nanos: 1_000_000), "1969-12-31T23:59:59.001Z"),
            (Timestamp(seconds: 951_782_400, nanos: 1000), "2000-02-29T00:00:00.000001Z"),
            (Timestamp(seconds: -62_135_596_800), "0001-01-01T00:00:00Z"),
            (Timestamp(seconds: 253_402_300_799, nanos: 999_999_999), "9999-12-31T23:59:59.999999999Z"),
        ])
    func timestamps(_ time: Timestamp, _ text: String) throws {
        #expect(time.jsonString() == "\"\(text)\"")
        #expect(try Timestamp(json: "\"\(text)\"") == time)
    }

    @Test("a timestamp with an offset is read")
    func offsets() throws {
        #expect(try Timestamp(json: "\"1970-01-01T01:30:00+01:30\"") == Timestamp())
        #expect(try Timestamp(json: "\"1969-12-31T23:00:00.5-01:00\"") == Timestamp(nanos: 500_000_000))
    }

    @Test(
        "what is no timestamp",
        arguments: [
            "", "1970-01-01", "1970-01-01T00:00:00", "1970-1-1T00:00:00Z", "0000-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
            "1970-02-30T00:00:00Z",
            "1970-01-01T24:00:00Z", "1970-01-01T00:00:60Z", "1970-01-01t00:00:00Z", "1970-01-01T00:00:00z",
            "1970-01-01T00:00:00.Z",
            "1970-01-01T00:00:00.1234567890Z", "0001-01-01T00:00:00+01:00", "1900-02-29T00:00:00Z", "1970-01-01T00:00:00+1:00",
            "+970-01-01T00:00:00Z",
        ])
    func noTimestamps(_ text: String) {
        #expect(throws: JSONDecodingError.self) { try Timestamp(json: "\"\(text)\"") }
    }

    @Test("times and durations out of range have no JSON")
    func outOfRange() {
        #expect(throws: JSONEncodingError.self) { try Timestamp(seconds: 253_402_300_800).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try Timestamp(nanos: -1).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try Duration(seconds: 315_576_000_001).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try Duration(seconds: 1, nanos: -1).json(checking: .default) }
    }

    @Test(
        "durations",
        arguments: [
            (Duration(), "0s"), (Duration(seconds: 1, nanos: 500_000_000), "1.500s"), (Duration(nanos: -1), "-0.000000001s"),
            (Duration(seconds: -315_576_000_000), "-315576000000s"), (Duration(seconds: 3, nanos: 1000), "3.000001s"),
        ])
    func durations(_ duration: Duration, _ text: String) throws {
        #expect(duration.jsonString() == "\"\(text)\"")
        #expect(try Duration(json: "\"\(text)\"") == duration)
    }

    @Test(
        "what is no duration",
        arguments: ["", "s", "1", "1.s", "1.5", ".5s", "1s ", "+1s", "315576000001s", "1.1234567890s", "--1s", "1e3s"])
    func noDurations(_ text: String) {
        #expect(throws: JSONDecodingError.self) { try Duration(json: "\"\(text)\"") }
    }

    @Test("field masks")
    func fieldMasks() throws {
        let mask = FieldMask(paths: ["user.display_name", "photo"])
        #expect(mask.jsonString() == #""user.displayName,photo""#)
        #expect(try FieldMask(json: #""user.displayName,photo""#) == mask)
        #expect(try FieldMask(json: #""""#) == FieldMask())
        #expect(throws: JSONDecodingError.self) { try FieldMask(json: #""display_name""#) }
        #expect(throws: JSONEncodingError.self) { try FieldMask(paths: ["fooBar"]).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try FieldMask(paths: ["foo_3_bar"]).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try FieldMask(paths: ["foo__bar"]).json(checking: .default) }
    }

    @Test("structs, values and lists are native JSON")
    func structs() throws {
        let text = #"{"a":null,"b":[1,"x",true,{"c":{}}]}"#
        #expect(try Struct(json: text).jsonString() == text)
        #expect(throws: JSONDecodingError.self) { try Struct(json: #"{"a":1,"a":2}"#) }
        #expect(throws: JSONEncodingError.self) { try Value(kind: .numberValue(.nan)).json(checking: .default) }
        #expect(throws: JSONEncodingError.self) { try Value().json(checking: .default) }
    }

    @Test("wrappers are bare values")
    func wrappers() throws {
        #expect(Int64Value(value: 5).jsonString() == #""5""#)
        #expect(try BytesValue(json: #""AQ==""#).value == [1])
        #expect(TestAllTypesProto3(optionalBoolWrapper: BoolValue()).jsonString() == #"{"optionalBoolWrapper":false}"#)
    }

    @Test("an Any holds the fields of its message, or its value")
    func anys() throws {
        let options = JSONEncodingOptions(types: TypeRegistry(GoogleRPCMessages.all))
        let decoding = JSONDecodingOptions(types: TypeRegistry(GoogleRPCMessages.all))
        let info = ErrorInfo(reason: "X", domain: "d")
        let any = `Any`(typeURL: "type.googleapis.com/google.rpc.ErrorInfo", value: info.serialized())
        let text = #"{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"X","domain":"d"}"#
        #expect(String(decoding: try any.json(checking: options), as: UTF8.self) == text)
        #expect(try `Any`(json: text, options: decoding) == any)
        #expect(
            try `Any`(json: #"{"reason":"X","@type":"type.googleapis.com/google.rpc.ErrorInfo","domain":"d"}"#, options: decoding)
                == any)

        let duration = `Any`(typeURL: "type.googleapis.com/google.protobuf.Duration", value: Duration(seconds: 2).serialized())
        #expect(duration.jsonString() == #"{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}"#)
        #expect(try `Any`(json: duration.jsonString()) == duration)
        #expect(`Any`().jsonString() == "{}")
    }

    @Test("what is no Any")
    func noAnys() {
        let bad = [
            #"{"@type":"type.googleapis.com/nope.Nope"}"#, #"{"value":"2s"}"#,
            #"{"@type":"google.protobuf.Duration","value":"2s"}"#,
            #"{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s","value":"2s"}"#,
            #"{"@type":"type.googleapis.com/google.protobuf.Duration","@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}"#,
            #"{"@type":"type.googleapis.com/google.protobuf.Duration","seconds":2}"#,
        ]
        for text in bad { #expect(throws: JSONDecodingError.self, "\(text)") { try `Any`(json: text) } }
        let unknown = `Any`(typeURL: "type.googleapis.com/nope.Nope", value: [1])
        #expect(throws: JSONEncodingError.self) { try unknown.json(checking: .default) }
        #expect(unknown.jsonString() == #"{"@type":"type.googleapis.com/nope.Nope","value":"AQ=="}"#)
    }

    @Test("an Any in an Any in an Any takes no more than a moment")
    func nestedAnys() throws {
        var text = #"{"@type":"type.googleapis.com/google.protobuf.Duration","value":"2s"}"#
        for _ in 0..<60 { text = #"{"value":\#(text),"@type":"type.googleapis.com/google.protobuf.Any"}"# }
        #expect(ContinuousClock().measure { _ = try? `Any`(json: text) } < .seconds(2))
    }
}
