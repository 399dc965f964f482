/// Cases of protobuf's conformance suite, by the names that it gives them (conformance/binary_json_conformance_suite.cc), with
/// the prefix `Required.Proto3.` or `Recommended.Proto3.` left out.
enum ConformanceCases {
    /// A text, and what is written of it; nil where reading must fail.
    static let json: [(name: String, text: String, written: String?)] = [
        ("JsonInput.HelloWorld", #"{"optionalString":"Hello, World!"}"#, #"{"optionalString":"Hello, World!"}"#),
        (
            "JsonInput.FieldNameInSnakeCase", #"{"fieldname1":1,"fieldName2":2,"FieldName3":3}"#,
            #"{"fieldname1":1,"fieldName2":2,"FieldName3":3}"#
        ),
        ("JsonInput.FieldNameWithNumbers", #"{"field0name5":5,"field0Name6":6}"#, #"{"field0name5":5,"field0Name6":6}"#),
        ("JsonInput.OriginalProtoFieldName", #"{"field_name2":2}"#, #"{"fieldName2":2}"#),
        ("JsonInput.FieldNameEscaped", #"{"fieldn\u0061me1":1}"#, #"{"fieldname1":1}"#),
        ("JsonInput.TrailingCommaInAnObject", #"{"fieldname1":1,}"#, nil),
        ("JsonInput.StringEndsWithEscapeChar", #"{"optionalString":"abc\"#, nil),
        ("JsonInput.Int32FieldMaxValue", #"{"optionalInt32":2147483647}"#, #"{"optionalInt32":2147483647}"#),
        ("JsonInput.Int32FieldMinValue", #"{"optionalInt32":-2147483648}"#, #"{"optionalInt32":-2147483648}"#),
        ("JsonInput.Int32FieldTooLarge", #"{"optionalInt32":2147483648}"#, nil),
        ("JsonInput.Int32FieldTooSmall", #"{"optionalInt32":-2147483649}"#, nil),
        ("JsonInput.Int32FieldNotInteger", #"{"optionalInt32":0.5}"#, nil),
        ("JsonInput.Int32FieldNotNumber", #"{"optionalInt32":"3x3"}"#, nil),
        ("JsonInput.Int32FieldStringValue", #"{"optionalInt32":"2147483647"}"#, #"{"optionalInt32":2147483647}"#),
        ("JsonInput.Int32FieldStringValueEscaped", #"{"optionalInt32":"2\u003147483647"}"#, #"{"optionalInt32":2147483647}"#),
        ("JsonInput.Int32FieldExponentialFormat", #"{"optionalInt32":1e5}"#, #"{"optionalInt32":100000}"#),
        ("JsonInput.Int32FieldFloatTrailingZero", #"{"optionalInt32":100000.000}"#, #"{"optionalInt32":100000}"#),
        ("JsonInput.Int32FieldPlusSign", #"{"optionalInt32":+1}"#, nil),
        ("JsonInput.Int32FieldLeadingZero", #"{"optionalInt32":01}"#, nil),
        ("JsonInput.Int32FieldLeadingSpace", #"{"optionalInt32":" 1"}"#, nil),
        (
            "JsonInput.Int64FieldMaxValue", #"{"optionalInt64":"9223372036854775807"}"#,
            #"{"optionalInt64":"9223372036854775807"}"#
        ),
        ("JsonInput.Int64FieldTooLarge", #"{"optionalInt64":"9223372036854775808"}"#, nil),
        (
            "JsonInput.Uint64FieldMaxValue", #"{"optionalUint64":"18446744073709551615"}"#,
            #"{"optionalUint64":"18446744073709551615"}"#
        ),
        (
            "JsonInput.Uint64FieldMaxValueNotQuoted", #"{"optionalUint64":18446744073709551615}"#,
            #"{"optionalUint64":"18446744073709551615"}"#
        ),
        ("JsonInput.Uint32FieldMaxFloatValue", #"{"optionalUint32":4294967295.0}"#, #"{"optionalUint32":4294967295}"#),
        ("JsonInput.BoolFieldTrue", #"{"optionalBool":true}"#, #"{"optionalBool":true}"#),
        ("JsonInput.BoolFieldIntegerOne", #"{"optionalBool":1}"#, nil),
        ("JsonInput.BoolFieldCamelCaseTrue", #"{"optionalBool":True}"#, nil),
        ("JsonInput.BoolFieldDoubleQuotedTrue", #"{"optionalBool":"true"}"#, nil),
        ("JsonInput.FloatFieldInfinity", #"{"optionalFloat":"Infinity"}"#, #"{"optionalFloat":"Infinity"}"#),
        ("JsonInput.FloatFieldNan", #"{"optionalFloat":"NaN"}"#, #"{"optionalFloat":"NaN"}"#),
        ("JsonInput.FloatFieldNanNotQuoted", #"{"optionalFloat":NaN}"#, nil),
        ("JsonInput.FloatFieldTooLarge", #"{"optionalFloat":3.502823e+38}"#, nil),
        ("JsonInput.DoubleFieldQuotedValue", #"{"optionalDouble":"1"}"#, #"{"optionalDouble":1}"#),
        ("JsonInput.DoubleFieldTooLarge", #"{"optionalDouble":"+1.89769e+308"}"#, nil),
        ("JsonInput.EnumField", #"{"optionalNestedEnum":"FOO"}"#, "{}"),
        ("JsonInput.EnumFieldNumericValueNonZero", #"{"optionalNestedEnum":1}"#, #"{"optionalNestedEnum":"BAR"}"#),
        ("JsonInput.EnumFieldUnknownValue", #"{"optionalNestedEnum":123}"#, #"{"optionalNestedEnum":123}"#),
        ("JsonInput.EnumFieldNotQuoted", #"{"optionalNestedEnum":BAR}"#, nil),
        (
            "JsonInput.StringFieldEscape", #"{"optionalString":"\"\\\/\b\f\n\r\t"}"#,
            #"{"optionalString":"\"\\/\u0008\u000c\n\r\t"}"#
        ),
        ("JsonInput.StringFieldSurrogatePair", #"{"optionalString":"\uD83D\uDE01"}"#, #"{"optionalString":"😁"}"#),
        ("JsonInput.StringFieldUnpairedHighSurrogate", #"{"optionalString":"\uD800"}"#, nil),
        ("JsonInput.StringFieldSurrogateInWrongOrder", #"{"optionalString":"\uDE01\uD83D"}"#, nil),
        ("JsonInput.StringFieldInvalidEscape", #"{"optionalString":"\uXXXX"}"#, nil),
        ("JsonInput.StringFieldNotAString", #"{"optionalString":12345}"#, nil),
        ("JsonInput.BytesField", #"{"optionalBytes":"AQI="}"#, #"{"optionalBytes":"AQI="}"#),
        ("JsonInput.BytesFieldBase64Url", #"{"optionalBytes":"-_"}"#, #"{"optionalBytes":"+w=="}"#),
        ("JsonInput.OneofFieldDuplicate", #"{"oneofUint32":1,"oneofString":"test"}"#, nil),
        ("JsonInput.OneofFieldNullFirst", #"{"oneofUint32":null,"oneofString":"test"}"#, #"{"oneofString":"test"}"#),
        ("JsonInput.RepeatedFieldWrongElementTypeExpectingIntegersGotBool", #"{"repeatedInt32":[1,false]}"#, nil),
        ("JsonInput.RepeatedFieldTrailingComma", #"{"repeatedInt32":[1,2,]}"#, nil),
        ("JsonInput.MessageField", #"{"optionalNestedMessage":{"a":1234}}"#, #"{"optionalNestedMessage":{"a":1234}}"#),
        ("JsonInput.Int32MapEscapedKey", #"{"mapInt32Int32":{"\u0031":2}}"#, #"{"mapInt32Int32":{"1":2}}"#),
        ("JsonInput.Int32MapFieldKeyNotQuoted", #"{"mapInt32Int32":{1:2}}"#, nil),
        ("JsonInput.BoolMapField", #"{"mapBoolBool":{"true":true}}"#, #"{"mapBoolBool":{"true":true}}"#),
        ("JsonInput.MapFieldValueIsNull", #"{"mapInt32Int32":{"0":null}}"#, nil),
        ("JsonInput.RepeatedListValue", #"{"repeatedListValue":[["a"]]}"#, #"{"repeatedListValue":[["a"]]}"#),
        ("JsonInput.RepeatedFieldPrimitiveElementIsNull", #"{"repeatedInt32":[1,null,2]}"#, nil),
        (
            "JsonInput.OptionalWrapperTypesWithNonDefaultValue", #"{"optionalBoolWrapper":true,"optionalInt64Wrapper":"1"}"#,
            #"{"optionalBoolWrapper":true,"optionalInt64Wrapper":"1"}"#
        ),
        ("JsonInput.WrapperTypesWithNullValue", #"{"optionalBoolWrapper":null}"#, "{}"),
        (
            "JsonInput.DurationMaxValue", #"{"optionalDuration":"315576000000.000000000s"}"#,
            #"{"optionalDuration":"315576000000s"}"#
        ),
        ("JsonInput.DurationJsonInputTooLarge", #"{"optionalDuration":"315576000001.000000000s"}"#, nil),
        ("JsonInput.DurationMissingS", #"{"optionalDuration":"1"}"#, nil),
        ("JsonInput.DurationHas3FractionalDigits", #"{"optionalDuration":"1.01s"}"#, #"{"optionalDuration":"1.010s"}"#),
        ("JsonInput.DurationNegativeNanos", #"{"optionalDuration":"-0.5s"}"#, #"{"optionalDuration":"-0.500s"}"#),
        (
            "JsonInput.TimestampMinValue", #"{"optionalTimestamp":"0001-01-01T00:00:00Z"}"#,
            #"{"optionalTimestamp":"0001-01-01T00:00:00Z"}"#
        ),
        (
            "JsonInput.TimestampMaxValue", #"{"optionalTimestamp":"9999-12-31T23:59:59.999999999Z"}"#,
            #"{"optionalTimestamp":"9999-12-31T23:59:59.999999999Z"}"#
        ),
        (
            "JsonInput.TimestampWithPositiveOffset", #"{"optionalTimestamp":"1970-01-01T08:00:01+08:00"}"#,
            #"{"optionalTimestamp":"1970-01-01T00:00:01Z"}"#
        ),
        ("JsonInput.TimestampLowercaseT", #"{"optionalTimestamp":"0001-01-01t00:00:00Z"}"#, nil),
        ("JsonInput.TimestampMissingT", #"{"optionalTimestamp":"0001-01-01 00:00:00Z"}"#, nil),
        ("JsonInput.FieldMask", #"{"optionalFieldMask":"foo,barBaz"}"#, #"{"optionalFieldMask":"foo,barBaz"}"#),
        ("JsonInput.FieldMaskInvalidCharacter", #"{"optionalFieldMask":"foo,bar_bar"}"#, nil),
        ("JsonInput.Struct", #"{"optionalStruct":{"nullValue":null}}"#, #"{"optionalStruct":{"nullValue":null}}"#),
        ("JsonInput.ValueAcceptNull", #"{"optionalValue":null}"#, #"{"optionalValue":null}"#),
        ("JsonInput.ValueAcceptFloat", #"{"optionalValue":1.5}"#, #"{"optionalValue":1.5}"#),
        (
            "JsonInput.AnyWithValueForInteger",
            #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Value","value":1}}"#,
            #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Value","value":1}}"#
        ),
        (
            "JsonInput.AnyUnorderedTypeTag",
            #"{"optionalAny":{"value":"1.5s","@type":"type.googleapis.com/google.protobuf.Duration"}}"#,
            #"{"optionalAny":{"@type":"type.googleapis.com/google.protobuf.Duration","value":"1.500s"}}"#
        ),
        ("JsonInput.AnyWithNoType", #"{"optionalAny":{"value":1}}"#, nil),
        ("JsonInput.NullValueInNormalMessage", #"{"optionalNullValue":null}"#, "{}"),
    ]

    /// Bytes, and the bytes that are written of them; nil where reading must fail.
    static let binary: [(name: String, bytes: [UInt8], written: [UInt8]?)] = [
        ("ProtobufInput.PrematureEofBeforeKnownNonRepeatedValue.INT32", [0x08], nil),
        ("ProtobufInput.PrematureEofInsideKnownNonRepeatedValue.INT32", [0x08, 0x80], nil),
        ("ProtobufInput.PrematureEofInsideKnownNonRepeatedValue.FIXED64", [0x41, 1, 2], nil),
        ("ProtobufInput.PrematureEofInDelimitedDataForKnownNonRepeatedValue.STRING", [0x72, 5, 65], nil),
        ("ProtobufInput.PrematureEofInPackedField.INT32", [0xFA, 1, 1, 0x80], nil),
        ("ProtobufInput.PrematureEofInsideUnknownValue.INT32", [0xA8, 0x1F, 0x80], nil),
        ("ProtobufInput.IllegalZeroFieldNum_Case_0", [0x00, 0], nil),
        ("ProtobufInput.IllegalZeroFieldNum_Case_1", [0x02, 1, 1], nil),
        ("ProtobufInput.BadTag_FieldNumberTooHigh", [0x80, 0x80, 0x80, 0x80, 0x10, 0], nil),
        ("ProtobufInput.BadTag_OverlongVarint", [0x88, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00, 1], nil),
        ("ProtobufInput.ValidDataScalar.INT32", [0x08, 0x96, 0x01], [0x08, 0x96, 0x01]),
        ("ProtobufInput.ValidDataScalar.INT32 of 33 bits", [0x08, 0x81, 0x80, 0x80, 0x80, 0x20], [0x08, 1]),
        (
            "ProtobufInput.ValidDataScalar.BOOL of many bits",
            [0x68, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], [0x68, 1]
        ),
        ("ProtobufInput.ValidDataScalar.ENUM unknown", [0xA8, 0x01, 0x4D], [0xA8, 0x01, 0x4D]),
        ("ProtobufInput.RepeatedScalarSelectsLast.INT32", [0x08, 1, 0x08, 2], [0x08, 2]),
        ("ProtobufInput.RepeatedScalarSelectsLast.STRING", [0x72, 1, 65, 0x72, 1, 66], [0x72, 1, 66]),
        ("ProtobufInput.ValidDataRepeated.INT32.UnpackedInput", [0xF8, 1, 1, 0xF8, 1, 2], [0xFA, 1, 2, 1, 2]),
        ("ProtobufInput.ValidDataRepeated.INT32.PackedInput", [0xFA, 1, 2, 1, 2], [0xFA, 1, 2, 1, 2]),
        ("ProtobufInput.ValidDataRepeated of both forms", [0xFA, 1, 2, 1, 2, 0xF8, 1, 3], [0xFA, 1, 3, 1, 2, 3]),
        ("ProtobufInput.ValidDataMap.INT32.INT32.MissingDefault", [0xC2, 3, 0], [0xC2, 3, 0]),
        ("ProtobufInput.ValidDataMap.INT32.INT32.NonDefault", [0xC2, 3, 4, 8, 1, 16, 2], [0xC2, 3, 4, 8, 1, 16, 2]),
        ("ProtobufInput.ValidDataMap.INT32.INT32.Unordered", [0xC2, 3, 4, 16, 2, 8, 1], [0xC2, 3, 4, 8, 1, 16, 2]),
        (
            "ProtobufInput.ValidDataMap.INT32.INT32.DuplicateKey", [0xC2, 3, 4, 8, 1, 16, 2, 0xC2, 3, 4, 8, 1, 16, 3],
            [0xC2, 3, 4, 8, 1, 16, 3]
        ),
        ("ProtobufInput.ValidDataOneof.UINT32.DefaultValue", [0xF8, 6, 0], [0xF8, 6, 0]),
        ("ProtobufInput.ValidDataOneof.UINT32.MultipleValuesForDifferentField", [0xF8, 6, 1, 0x8A, 7, 1, 65], [0x8A, 7, 1, 65]),
        ("ProtobufInput.UnknownVarint", [0xA8, 0x1F, 1], [0xA8, 0x1F, 1]),
        ("ProtobufInput.RejectInvalidUtf8.String", [0x72, 1, 0xFF], nil),
    ]
}
