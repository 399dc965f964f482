import Conformance
import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3

/// What becomes of one case.
enum Testee {
    private static let limits = DecodingLimits(messageBytesMax: 64 << 20, allowsNUL: true)
    private static let types = TypeRegistry(ProtobufTestMessagesProto3Messages.all)

    static func answer(_ bytes: [UInt8]) -> ConformanceResponse {
        do {
            return answer(try ConformanceRequest(serialized: bytes, limits: limits))
        } catch {
            return ConformanceResponse(result: .runtimeError("\(error)"))
        }
    }

    private static func answer(_ request: ConformanceRequest) -> ConformanceResponse {
        if request.messageType == FailureSet.typeName {
            return ConformanceResponse(result: .protobufPayload(FailureSet().serialized()))
        }
        guard request.messageType == TestAllTypesProto3.typeName else {
            return ConformanceResponse(result: .skipped("only \(TestAllTypesProto3.typeName) is claimed"))
        }
        switch request.payload {
        case .protobufPayload(let bytes): return parsed(request) { try TestAllTypesProto3(serialized: bytes, limits: limits) }
        case .jsonPayload(let text):
            let options = JSONDecodingOptions(
                ignoresUnknownFields: request.testCategory == .jsonIgnoreUnknownParsingTest, depthMax: 100, allowsNUL: true,
                types: types)
            return parsed(request) { try TestAllTypesProto3(json: text, options: options) }
        case .jspbPayload, .textPayload, nil: return ConformanceResponse(result: .skipped("the form is not claimed"))
        }
    }

    private static func parsed(_ request: ConformanceRequest, _ parse: () throws -> TestAllTypesProto3) -> ConformanceResponse {
        do {
            return written(try parse(), request.requestedOutputFormat)
        } catch {
            return ConformanceResponse(result: .parseError("\(error)"))
        }
    }

    private static func written(_ message: TestAllTypesProto3, _ format: WireFormat) -> ConformanceResponse {
        switch format {
        case .protobuf: return ConformanceResponse(result: .protobufPayload(message.serialized()))
        case .json:
            do {
                let bytes = try message.json(checking: JSONEncodingOptions(types: types))
                return ConformanceResponse(result: .jsonPayload(String(decoding: bytes, as: UTF8.self)))
            } catch {
                return ConformanceResponse(result: .serializeError("\(error)"))
            }
        case .unspecified, .jspb, .textFormat, .unrecognized:
            return ConformanceResponse(result: .skipped("the form is not claimed"))
        }
    }
}
