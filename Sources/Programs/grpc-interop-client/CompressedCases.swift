import GRPC
import GRPCTesting

/// The cases of compressed messages. Each client case begins with a request that says it is compressed and is not: a server
/// that does not object does not look.
extension Cases {
    private static let size: Int32 = 314_159

    func clientCompressedUnary() async throws {
        let (yes, no) = (GRPCTesting.BoolValue(value: true), GRPCTesting.BoolValue(value: false))
        func call(_ says: GRPCTesting.BoolValue, _ compression: Compression) async throws {
            let answer = try await client.unaryCall(
                SimpleRequest(responseSize: Self.size, payload: zeros(271_828), expectCompressed: says),
                CallOptions(compression: compression))
            try expect(answer.payload?.body.count == Int(Self.size), "an answer of 314,159 bytes")
        }
        try expect(try await code { try await call(yes, .identity) } == .invalidArgument, "INVALID_ARGUMENT")
        try await call(yes, .gzip)
        try await call(no, .identity)
    }

    func clientCompressedStreaming() async throws {
        let (yes, no) = (GRPCTesting.BoolValue(value: true), GRPCTesting.BoolValue(value: false))
        let probe = try await code {
            _ = try await client.streamingInputCall { requests in
                try await requests.write(StreamingInputCallRequest(payload: zeros(27_182), expectCompressed: yes))
            }
        }
        try expect(probe == .invalidArgument, "INVALID_ARGUMENT")
        let answer = try await client.streamingInputCall(CallOptions(compression: .gzip)) { requests in
            try await requests.write(StreamingInputCallRequest(payload: zeros(27_182), expectCompressed: yes))
            try await requests.write(
                StreamingInputCallRequest(payload: zeros(45_904), expectCompressed: no), compressed: false)
        }
        try expect(answer.aggregatedPayloadSize == 73_086, "a sum of 73,086")
    }

    func serverCompressedUnary() async throws {
        for compressed in [true, false] {
            let answer = try await client.unaryCall(
                SimpleRequest(
                    responseSize: Self.size, payload: zeros(271_828), responseCompressed: BoolValue(value: compressed)))
            try expect(answer.payload?.body.count == Int(Self.size), "an answer of 314,159 bytes")
        }
    }

    func serverCompressedStreaming() async throws {
        let parameters = [(31_415, true), (92_653, false)].map { size, compressed in
            ResponseParameters(size: Int32(size), compressed: BoolValue(value: compressed))
        }
        var received: [Int] = []
        for try await answer in client.streamingOutputCall(StreamingOutputCallRequest(responseParameters: parameters)) {
            received.append(answer.payload?.body.count ?? 0)
        }
        try expect(received == [31_415, 92_653], "two answers of the sizes asked for")
    }
}
