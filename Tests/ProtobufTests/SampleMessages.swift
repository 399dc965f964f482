import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3

enum SampleMessages {
    /// Something of every shape.
    static let full: TestAllTypesProto3 = {
        var message = TestAllTypesProto3()
        message.optionalInt32 = -1
        message.optionalInt64 = .min
        message.optionalUint64 = .max
        message.optionalSint32 = -5
        message.optionalFixed64 = 7
        message.optionalFloat = 1.5
        message.optionalDouble = -2.25
        message.optionalBool = true
        message.optionalString = "Grüße 😀"
        message.optionalBytes = [0, 1, 255]
        message.optionalNestedMessage = .init(a: 3, corecursive: TestAllTypesProto3(optionalInt32: 4))
        message.optionalNestedEnum = .neg
        message.recursiveMessage = TestAllTypesProto3(optionalString: "inner")
        message.repeatedInt32 = [1, -2, 300]
        message.unpackedDouble = [0.5, 1e300]
        message.repeatedString = ["", "a"]
        message.repeatedBytes = [[], [9]]
        message.repeatedBool = [true, false]
        message.repeatedNestedEnum = [.bar, .unrecognized(77)]
        message.repeatedForeignMessage = [.init(c: 1), .init()]
        message.mapInt32Int32 = [1: 2, -3: 4]
        message.mapBoolBool = [true: false]
        message.mapStringNestedMessage = ["k": .init(a: 1)]
        message.mapStringForeignEnum = ["e": .foreignBaz]
        message.oneofField = .oneofNestedMessage(.init(a: 8))
        message.optionalInt64Wrapper = Int64Value(value: 1 << 60)
        message.optionalTimestamp = Timestamp(seconds: 1_700_000_000, nanos: 5_000_000)
        message.optionalStruct = Struct(fields: ["x": Value(kind: .listValue(ListValue(values: [Value(kind: .boolValue(true))])))]
        )
        return message
    }()
}
