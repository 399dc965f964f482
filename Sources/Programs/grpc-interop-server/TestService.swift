import GRPC
import GRPCTesting
import GoogleProtobuf
import GoogleRPC

/// `grpc.testing.TestService` as the public interoperability cases describe it.
/// Source: github.com/grpc/grpc, doc/interop-test-descriptions.md.
struct TestService: TestServiceProtocol {
    /// A client that sends this gets it back, before the answer and after it.
    private static let echoInitial = "x-grpc-test-echo-initial"
    private static let echoTrailing = "x-grpc-test-echo-trailing-bin"

    func emptyCall(_ request: GRPCTesting.Empty, _ context: ServerContext) async throws -> GRPCTesting.Empty {
        GRPCTesting.Empty()
    }

    func unaryCall(_ request: SimpleRequest, _ context: ServerContext) async throws -> SimpleResponse {
        echoMetadata(context)
        try expectCompressed(request.expectCompressed, context)
        try echoStatus(request.responseStatus)
        if request.responseCompressed?.value == true { context.responseCompression = .gzip }
        return SimpleResponse(payload: try payload(request.responseSize))
    }

    func cacheableUnaryCall(_ request: SimpleRequest, _ context: ServerContext) async throws -> SimpleResponse {
        try await unaryCall(request, context)
    }

    func streamingOutputCall(
        _ request: StreamingOutputCallRequest, _ responses: ResponseWriter<StreamingOutputCallResponse>,
        _ context: ServerContext
    ) async throws {
        if request.responseParameters.contains(where: { $0.compressed?.value == true }) { context.responseCompression = .gzip }
        try await answer(request, responses)
    }

    func streamingInputCall(
        _ requests: RequestStream<StreamingInputCallRequest>, _ context: ServerContext
    ) async throws -> StreamingInputCallResponse {
        var size = 0
        for try await request in requests {
            try expectCompressed(request.expectCompressed, context)
            size += request.payload?.body.count ?? 0
        }
        return StreamingInputCallResponse(aggregatedPayloadSize: Int32(clamping: size))
    }

    func fullDuplexCall(
        _ requests: RequestStream<StreamingOutputCallRequest>, _ responses: ResponseWriter<StreamingOutputCallResponse>,
        _ context: ServerContext
    ) async throws {
        echoMetadata(context)
        for try await request in requests { try await answer(request, responses) }
    }

    func halfDuplexCall(
        _ requests: RequestStream<StreamingOutputCallRequest>, _ responses: ResponseWriter<StreamingOutputCallResponse>,
        _ context: ServerContext
    ) async throws {
        var all: [StreamingOutputCallRequest] = []
        for try await request in requests { all.append(request) }
        for request in all { try await answer(request, responses) }
    }

    private func answer(
        _ request: StreamingOutputCallRequest, _ responses: ResponseWriter<StreamingOutputCallResponse>
    ) async throws {
        try echoStatus(request.responseStatus)
        for parameters in request.responseParameters {
            if parameters.intervalUs > 0 { try await Task.sleep(for: .microseconds(Int(parameters.intervalUs))) }
            try await responses.write(
                StreamingOutputCallResponse(payload: try payload(parameters.size)),
                compressed: parameters.compressed?.value == true)
        }
    }

    private func expectCompressed(_ expected: GRPCTesting.BoolValue?, _ context: ServerContext) throws(RPCError) {
        guard let expected, expected.value != context.requestWasCompressed else { return }
        throw RPCError(code: .invalidArgument, message: "the request should\(expected.value ? "" : " not") be compressed")
    }

    private func payload(_ size: Int32) throws(RPCError) -> Payload {
        guard (0...(64 << 20)).contains(size) else {
            throw RPCError(code: .invalidArgument, message: "a payload has 0 to 64 MiB")
        }
        return Payload(body: [UInt8](repeating: 0, count: Int(size)))
    }

    private func echoMetadata(_ context: ServerContext) {
        if let value = context.metadata[Self.echoInitial] { context.setInitialMetadata([Self.echoInitial: value]) }
        for value in context.metadata.binaries(Self.echoTrailing) {
            context.trailingMetadata.add(value, for: Self.echoTrailing)
        }
    }

    /// A status that is asked for carries details too, so that clients can show that they read them.
    private func echoStatus(_ status: EchoStatus?) throws(RPCError) {
        guard let status, status.code != 0 else { return }
        let info = ErrorInfo(reason: "ECHOED", domain: "grpc.testing", metadata: ["code": "\(status.code)"])
        let details = GoogleProtobuf.`Any`(typeURL: "type.googleapis.com/\(ErrorInfo.typeName)", value: info.serialized())
        throw RPCError(code: StatusCode(rawValue: status.code) ?? .unknown, message: status.message, details: [details])
    }
}
