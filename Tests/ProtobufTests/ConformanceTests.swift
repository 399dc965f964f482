import Conformance
import Foundation
import GoogleProtobuf
import Protobuf
import ProtobufTestMessagesProto3
import Testing

/// The testee of protobuf's conformance runner, driven as the runner drives it.
@Suite struct ConformanceTests {
    private let testee: Peer

    init() throws {
        // Beside the test bundle, where the package builds its programs.
        let folder = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent()
        testee = try Peer(folder.appending(path: "protobuf-conformance-testee"))
    }

    private func ask(_ request: ConformanceRequest) throws -> ConformanceResponse.Result? {
        try testee.send(request.serialized())
        return try ConformanceResponse(serialized: testee.receiveBlock(), limits: DecodingLimits(allowsNUL: true)).result
    }

    private func request(_ payload: ConformanceRequest.Payload, _ format: WireFormat, _ category: TestCategory = .binaryTest)
        -> ConformanceRequest
    {
        ConformanceRequest(
            requestedOutputFormat: format, messageType: TestAllTypesProto3.typeName, testCategory: category, payload: payload)
    }

    @Test("the runner's first question is answered")
    func failureSet() throws {
        let request = ConformanceRequest(
            requestedOutputFormat: .protobuf, messageType: "conformance.FailureSet", payload: .protobufPayload([]))
        #expect(try ask(request) == .protobufPayload([]))
    }

    @Test("all four ways between bytes and JSON")
    func forms() throws {
        let message = TestAllTypesProto3(optionalInt32: 5, repeatedString: ["a\0b"])
        let json = message.jsonString()
        #expect(try ask(request(.protobufPayload(message.serialized()), .protobuf)) == .protobufPayload(message.serialized()))
        #expect(try ask(request(.protobufPayload(message.serialized()), .json)) == .jsonPayload(json))
        #expect(try ask(request(.jsonPayload(json), .protobuf)) == .protobufPayload(message.serialized()))
        #expect(try ask(request(.jsonPayload(json), .json)) == .jsonPayload(json))
    }

    @Test("errors of parsing and of writing are told apart, and the testee goes on")
    func errors() throws {
        guard case .parseError = try ask(request(.protobufPayload([0xFF]), .protobuf)) else {
            throw Peer.Failure(description: "no parse error")
        }
        guard case .parseError = try ask(request(.jsonPayload("{"), .json)) else {
            throw Peer.Failure(description: "no parse error")
        }
        // A timestamp of the year 10,000.
        let late = TestAllTypesProto3(optionalTimestamp: Timestamp(seconds: 253_402_300_800)).serialized()
        guard case .serializeError = try ask(request(.protobufPayload(late), .json)) else {
            throw Peer.Failure(description: "no serialize error")
        }
        #expect(try ask(request(.protobufPayload([]), .protobuf)) == .protobufPayload([]))
    }

    @Test("unknown members are skipped where the category says so")
    func unknownMembers() throws {
        let text = #"{"nope":1}"#
        #expect(try ask(request(.jsonPayload(text), .json, .jsonIgnoreUnknownParsingTest)) == .jsonPayload("{}"))
        guard case .parseError = try ask(request(.jsonPayload(text), .json, .jsonTest)) else {
            throw Peer.Failure(description: "no parse error")
        }
    }

    @Test("what is not claimed is skipped")
    func skipped() throws {
        for skipped in [
            request(.textPayload(""), .protobuf), request(.jspbPayload(""), .protobuf),
            request(.protobufPayload([]), .textFormat),
            ConformanceRequest(messageType: "protobuf_test_messages.proto2.TestAllTypesProto2", payload: .protobufPayload([])),
        ] {
            guard case .skipped = try ask(skipped) else { throw Peer.Failure(description: "not skipped") }
        }
    }

    @Test("cases of the official suite from JSON")
    func jsonCases() throws {
        for (name, text, written) in ConformanceCases.json {
            let answer = try ask(request(.jsonPayload(text), .json, .jsonTest))
            if let written {
                #expect(answer == .jsonPayload(written), "\(name)")
            } else if case .parseError = answer {
            } else {
                Issue.record("\(name): \(String(describing: answer))")
            }
        }
    }

    @Test("cases of the official suite from the wire format")
    func binaryCases() throws {
        for (name, bytes, written) in ConformanceCases.binary {
            let answer = try ask(request(.protobufPayload(bytes), .protobuf))
            if let written {
                #expect(answer == .protobufPayload(written), "\(name)")
            } else if case .parseError = answer {
            } else {
                Issue.record("\(name): \(String(describing: answer))")
            }
        }
    }
}
