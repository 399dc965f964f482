import GoogleProtobuf
import GoogleRPC
import ProtobufTestMessagesProto3
import Testing

@testable import Protobuf

/// ProtoJSON, rule by rule.
@Suite struct JSONTests {
    private typealias All = TestAllTypesProto3
    private static let types = TypeRegistry(ProtobufTestMessagesProto3Messages.all)

    private func refusal(_ text: String, _ options: JSONDecodingOptions = .default) -> JSONDecodingError? {
        do {
            _ = try All(json: text, options: options)
            return nil
        } catch {
            return error
        }
    }

    @Test("names in camel case are written, and those of the contract read too")
    func names() throws {
        #expect(All(optionalInt32: 5).jsonString() == #"{"optionalInt32":5}"#)
        #expect(try All(json: #"{"optional_int32": 5}"#).optionalInt32 == 5)
        #expect(refusal(#"{"optional_int32": 5, "optionalInt32": 5}"#)?.message == "is there twice")
        #expect(All(fieldName3: 1, fieldName13: 2).jsonString() == #"{"FieldName3":1,"FieldName13":2}"#)
    }

    @Test("an unknown member is an error that names its path, or skipped where that is asked for")
    func unknownMembers() throws {
        let text = #"{"repeatedNestedMessage":[{},{"corecursive":{"nope":{"a":[1,{}]}}}]}"#
        #expect(refusal(text)?.path == "repeatedNestedMessage[1].corecursive.nope")
        #expect(refusal(text, JSONDecodingOptions(ignoresUnknownFields: true)) == nil)
        #expect(refusal(#"{"x":1,"x":2}"#, JSONDecodingOptions(ignoresUnknownFields: true))?.message == "is there twice")
    }

    @Test("64 bits are written as strings, and read as numbers too")
    func wideIntegers() throws {
        #expect(
            All(optionalInt64: .min, optionalUint64: .max).jsonString()
                == #"{"optionalInt64":"-9223372036854775808","optionalUint64":"18446744073709551615"}"#)
        #expect(try All(json: #"{"optionalInt64": -5, "optionalUint64": "7"}"#) == All(optionalInt64: -5, optionalUint64: 7))
        #expect(try All(json: #"{"optionalInt64": 9007199254740993}"#).optionalInt64 == 9_007_199_254_740_993)
    }

    @Test(
        "integers may be written as strings or with an exponent, but not with a fraction or out of range",
        arguments: [("1.0", 1), ("1e3", 1000), ("\"12\"", 12), ("-0", 0), ("2147483647", 2_147_483_647)])
    func integers(_ text: String, _ value: Int32) throws {
        #expect(try All(json: "{\"optionalInt32\": \(text)}").optionalInt32 == value)
    }

    @Test(
        "what is no integer",
        arguments: [
            "1.5", "2147483648", "\"\"", "\" 1\"", "\"1 \"", "\"+1\"", "01", "0x1", "1e999999999", "true", "{}", "\"a\"", "NaN",
            "--1", "1.", ".5",
        ])
    func noIntegers(_ text: String) {
        #expect(refusal("{\"optionalInt32\": \(text)}") != nil)
    }

    @Test("floating point: NaN and infinity as strings, out of range refused")
    func floatingPoint() throws {
        let message = All(optionalFloat: -.infinity, optionalDouble: .nan)
        #expect(message.jsonString() == #"{"optionalFloat":"-Infinity","optionalDouble":"NaN"}"#)
        #expect(try All(json: message.json()).optionalDouble.isNaN)
        #expect(refusal(#"{"optionalDouble": 1e999999999}"#)?.message == "is out of range")
        #expect(refusal(#"{"optionalFloat": 1e39}"#)?.message == "is out of range")
        #expect(try All(json: #"{"optionalDouble": "1.5"}"#).optionalDouble == 1.5)
        #expect(
            All(optionalDouble: 0.1, repeatedDouble: [1e300, 5e-300]).jsonString()
                == #"{"optionalDouble":0.1,"repeatedDouble":[1e+300,5e-300]}"#)
    }

    @Test("enumerations: names are written, numbers read, unknown numbers kept, unknown names refused")
    func enumerations() throws {
        #expect(All(optionalNestedEnum: .neg).jsonString() == #"{"optionalNestedEnum":"NEG"}"#)
        #expect(All(optionalNestedEnum: .unrecognized(77)).jsonString() == #"{"optionalNestedEnum":77}"#)
        #expect(
            try All(json: #"{"optionalNestedEnum": -1, "optionalAliasedEnum": "MOO"}"#)
                == All(optionalNestedEnum: .neg, optionalAliasedEnum: .aliasBaz))
        #expect(refusal(#"{"optionalNestedEnum": "NOPE"}"#)?.path == "optionalNestedEnum")
    }

    @Test("strings: escapes, surrogates, control characters, U+0000")
    func strings() throws {
        #expect(try All(json: #"{"optionalString": "\u00e9\ud83d\ude00\n\/\\"}"#).optionalString == "é😀\n/\\")
        #expect(All(optionalString: "\"\\\n\u{1}é").jsonString() == #"{"optionalString":"\"\\\n\u0001é"}"#)
        for text in [#"\ud83d"#, #"\ud83dx"#, #"\ude00"#, #"\ud83d\u0041"#, #"\x"#, #"\u12"#, "\u{1}", "\n"] {
            #expect(refusal("{\"optionalString\": \"\(text)\"}") != nil, "\(text)")
        }
        #expect(refusal(#"{"optionalString": "a\u0000b"}"#)?.message == "holds U+0000")
        #expect(
            try All(json: #"{"optionalString": "a\u0000b"}"#, options: JSONDecodingOptions(allowsNUL: true)).optionalString
                == "a\0b")
        #expect(throws: JSONDecodingError.self) {
            try All(json: Array("{\"optionalString\": \"".utf8) + [0xFF] + Array("\"}".utf8))
        }
    }

    @Test("bytes: standard base64 with padding is written; either alphabet is read, padded or not")
    func base64() throws {
        #expect(All(optionalBytes: [251, 255]).jsonString() == #"{"optionalBytes":"+/8="}"#)
        for text in ["+/8=", "-_8=", "-_8", "+/8"] {
            #expect(try All(json: "{\"optionalBytes\": \"\(text)\"}").optionalBytes == [251, 255])
        }
        for text in ["+/8==", "A", "A=", "AA=A", "A A=", "===="] {
            #expect(refusal("{\"optionalBytes\": \"\(text)\"}") != nil, "\(text)")
        }
    }

    @Test("null is the absence of a value, but not in lists and not of google.protobuf.Value")
    func nulls() throws {
        #expect(
            try All(json: #"{"optionalInt32": null, "recursiveMessage": null, "repeatedInt32": null, "oneofString": null}"#)
                == All())
        #expect(refusal(#"{"repeatedInt32": [1, null]}"#)?.path == "repeatedInt32[1]")
        #expect(try All(json: #"{"optionalValue": null}"#).optionalValue == Value(kind: .nullValue(.nullValue)))
        #expect(try All(json: #"{"repeatedValue": [null]}"#).repeatedValue == [Value(kind: .nullValue(.nullValue))])
        #expect(try All(json: #"{"oneofNullValue": null}"#).oneofField == .oneofNullValue(.nullValue))
    }

    @Test("two members of a oneof")
    func oneof() {
        #expect(refusal(#"{"oneofString": "a", "oneofBool": true}"#)?.message == "is a second member of the oneof oneof_field")
        #expect(refusal(#"{"oneofString": null, "oneofBool": true}"#) == nil)
    }

    @Test("maps: keys are strings; a key that is there twice or of another type is refused")
    func maps() throws {
        #expect(All(mapInt32Int32: [2: 1, -1: 5]).jsonString() == #"{"mapInt32Int32":{"-1":5,"2":1}}"#)
        #expect(try All(json: #"{"mapBoolBool": {"true": false}}"#).mapBoolBool == [true: false])
        #expect(refusal(#"{"mapInt32Int32": {"1": 1, "1": 2}}"#)?.message == "is there twice")
        #expect(refusal(#"{"mapInt32Int32": {"01": 1}}"#) != nil)
        #expect(refusal(#"{"mapStringString": {"a": null}}"#) != nil)
    }

    @Test("defaults are omitted, or written for all but unset messages and oneofs")
    func defaults() {
        #expect(All().jsonString() == "{}")
        let text = ErrorInfo().jsonString(options: .emitDefaults)
        #expect(text == #"{"reason":"","domain":"","metadata":{}}"#)
        #expect(!All().jsonString(options: .emitDefaults).contains("recursiveMessage"))
        #expect(All(oneofField: .oneofUint32(0)).jsonString() == #"{"oneofUint32":0}"#)
    }

    @Test("depth has a limit, and a text of brackets alone is refused")
    func depth() {
        func nested(_ depth: Int) -> String {
            String(repeating: #"{"recursiveMessage":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
        }
        #expect(refusal(nested(63)) == nil)
        #expect(refusal(nested(64))?.message == "is nested deeper than 64")
        #expect(refusal(#"{"optionalValue":"# + String(repeating: "[", count: 100_000)) != nil)
        #expect(
            refusal(#"{"x":"# + String(repeating: "[", count: 100_000), JSONDecodingOptions(ignoresUnknownFields: true)) != nil)
    }

    @Test(
        "what is not JSON",
        arguments: [
            "", " ", "{", "}", "[]", "null", "{}{}", "{} x", "{,}", #"{"optionalInt32":1,}"#, #"{"optionalInt32" 1}"#,
            "{optionalInt32:1}",
            "{'optionalInt32':1}", "\u{FEFF}{}", "{}//", #"{"repeatedInt32":[1,]}"#, #"{"repeatedInt32":[1 2]}"#, "tru",
            #"{"optionalBool": True}"#,
        ])
    func notJSON(_ text: String) {
        #expect(refusal(text) != nil)
    }

    @Test("every prefix of a text is a message or an error")
    func truncation() {
        let text = SampleMessages.full.json()
        for count in 0..<text.count { #expect(throws: JSONDecodingError.self) { try All(json: Array(text[..<count])) } }
    }

    @Test("a megabyte of digits, of members and of backslashes takes no more than a moment")
    func linear() {
        let texts = [
            "{\"optionalDouble\": " + String(repeating: "9", count: 1 << 20) + "}",
            "{\"mapStringString\": {" + (0..<50_000).map { "\"k\($0)\":\"\"" }.joined(separator: ",") + "}}",
            "{\"optionalString\": \"" + String(repeating: "\\\\", count: 1 << 19) + "\"}",
        ]
        for text in texts { #expect(ContinuousClock().measure { _ = refusal(text) } < .seconds(5)) }
    }

    @Test("a name with escapes, or beyond ASCII, is the name that it says")
    func unusualNames() throws {
        let escaped = try TestAllTypesProto3(json: #"{"optional\u0053tring": "a", "\u006fptional_int32": 7}"#)
        #expect(escaped == TestAllTypesProto3(optionalInt32: 7, optionalString: "a"))
        let error = #expect(throws: JSONDecodingError.self) { try TestAllTypesProto3(json: #"{"optionalÄ": 1}"#) }
        #expect(error?.path == "optionalÄ")
        let ignoring = JSONDecodingOptions(ignoresUnknownFields: true)
        #expect(throws: JSONDecodingError.self) {
            try TestAllTypesProto3(json: #"{"ä": 1, "\u00e4": 2}"#, options: ignoring)
        }
    }

    @Test("what cannot stand in a string as it is, is found wherever it stands", arguments: 0..<40)
    func plainText(length: Int) {
        let text = [UInt8](repeating: UInt8(ascii: "~"), count: length)
        #expect(text.withUnsafeBytes { PlainText.prefix(of: $0, asASCII: true) } == length)
        var wrong: [(Int, UInt8)] = []
        for index in 0..<length {
            for byte in UInt8.min...UInt8.max {
                var other = text
                other[index] = byte
                let isPlain = byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
                let isASCII = byte < 0x80
                let found = other.withUnsafeBytes {
                    (PlainText.prefix(of: $0), PlainText.prefix(of: $0, asASCII: true), Text.isASCII($0))
                }
                if found != (isPlain ? length : index, isPlain && isASCII ? length : index, isASCII) {
                    wrong.append((index, byte))
                }
            }
        }
        #expect(wrong.isEmpty)
    }

    @Test("integers of every length are written as Swift writes them")
    func digits() throws {
        var value: UInt64 = 1
        while true {
            for number in [value - 1, value, value + 1] {
                let json = TestAllTypesProto3(optionalUint64: number == 0 ? 10 : number).json()
                #expect(String(decoding: json, as: UTF8.self) == "{\"optionalUint64\":\"\(number == 0 ? 10 : number)\"}")
            }
            let (next, overflows) = value.multipliedReportingOverflow(by: 10)
            if overflows { break }
            value = next
        }
        let extremes = TestAllTypesProto3(optionalInt64: .min, optionalUint64: .max)
        #expect(extremes.jsonString() == #"{"optionalInt64":"-9223372036854775808","optionalUint64":"18446744073709551615"}"#)
        #expect(try TestAllTypesProto3(json: extremes.json()) == extremes)
    }
}
