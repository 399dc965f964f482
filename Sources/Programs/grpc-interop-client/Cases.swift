import GRPC
import GRPCTesting

/// The public interoperability cases, by their names.
/// Source: github.com/grpc/grpc, doc/interop-test-descriptions.md.
struct Cases {
    let channel: Channel

    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    static let all: [(name: String, run: @Sendable (Cases) async throws -> Void)] = [
        ("empty_unary", { try await $0.emptyUnary() }),
        ("large_unary", { try await $0.largeUnary() }),
        ("client_streaming", { try await $0.clientStreaming() }),
        ("server_streaming", { try await $0.serverStreaming() }),
        ("ping_pong", { try await $0.pingPong() }),
        ("empty_stream", { try await $0.emptyStream() }),
        ("custom_metadata", { try await $0.customMetadata() }),
        ("status_code_and_message", { try await $0.statusCodeAndMessage() }),
        ("special_status_message", { try await $0.specialStatusMessage() }),
        ("unimplemented_method", { try await $0.unimplementedMethod() }),
        ("unimplemented_service", { try await $0.unimplementedService() }),
        ("cancel_after_begin", { try await $0.cancelAfterBegin() }),
        ("cancel_after_first_response", { try await $0.cancelAfterFirstResponse() }),
        ("ten_megabytes", { try await $0.tenMegabytes() }),
        ("thousand_streams", { try await $0.thousandStreams() }),
        ("timeout_on_sleeping_server", { try await $0.timeoutOnSleepingServer() }),
    ]

    /// For servers that look at the flag of compressed messages, which grpcio does not let them do.
    static let compressed: [(name: String, run: @Sendable (Cases) async throws -> Void)] = [
        ("client_compressed_unary", { try await $0.clientCompressedUnary() }),
        ("client_compressed_streaming", { try await $0.clientCompressedStreaming() }),
        ("server_compressed_unary", { try await $0.serverCompressedUnary() }),
        ("server_compressed_streaming", { try await $0.serverCompressedStreaming() }),
    ]

    var client: TestServiceClient { TestServiceClient(channel) }

    func expect(_ holds: Bool, _ what: String) throws(Failed) {
        guard holds else { throw Failed(description: what) }
    }

    func code(_ call: () async throws -> Void) async throws -> StatusCode {
        do { try await call() } catch let error as RPCError { return error.code }
        return .ok
    }

    func zeros(_ count: Int) -> Payload { Payload(body: [UInt8](repeating: 0, count: count)) }

    private func emptyUnary() async throws {
        try expect(try await client.emptyCall(Empty()) == Empty(), "an empty answer")
    }

    private func largeUnary() async throws {
        let answer = try await client.unaryCall(SimpleRequest(responseSize: 314_159, payload: zeros(271_828)))
        try expect(answer.payload?.body == zeros(314_159).body, "314,159 zeros")
    }

    private func clientStreaming() async throws {
        let answer = try await client.streamingInputCall { requests in
            for size in [27_182, 8, 1_828, 45_904] {
                try await requests.write(StreamingInputCallRequest(payload: zeros(size)))
            }
        }
        try expect(answer.aggregatedPayloadSize == 74_922, "a sum of 74,922")
    }

    private func serverStreaming() async throws {
        let sizes: [Int32] = [31_415, 9, 2_653, 58_979]
        let request = StreamingOutputCallRequest(responseParameters: sizes.map { ResponseParameters(size: $0) })
        var received: [Int] = []
        for try await answer in client.streamingOutputCall(request) { received.append(answer.payload?.body.count ?? 0) }
        try expect(received == sizes.map { Int($0) }, "four answers of the sizes asked for")
    }

    private func pingPong() async throws {
        try await client.fullDuplexCall { requests, responses in
            var iterator = responses.makeAsyncIterator()
            for (size, answer) in [(27_182, 31_415), (8, 9), (1_828, 2_653), (45_904, 58_979)] {
                try await requests.write(
                    StreamingOutputCallRequest(
                        responseParameters: [ResponseParameters(size: Int32(answer))], payload: zeros(size)))
                try expect(try await iterator.next()?.payload?.body.count == answer, "an answer of \(answer) bytes")
            }
            requests.finish()
            try expect(try await iterator.next() == nil, "the end")
        }
    }

    private func emptyStream() async throws {
        try await client.fullDuplexCall { requests, responses in
            requests.finish()
            for try await _ in responses { throw Failed(description: "no answer was expected") }
        }
    }

    private func customMetadata() async throws {
        try await echoesMetadata { options in _ = try await client.unaryCall(SimpleRequest(responseSize: 10), options) }
        try await echoesMetadata { options in
            try await client.fullDuplexCall(options) { requests, responses in
                try await requests.write(StreamingOutputCallRequest(responseParameters: [ResponseParameters(size: 10)]))
                requests.finish()
                for try await _ in responses {}
            }
        }
    }

    private func echoesMetadata(_ call: (CallOptions) async throws -> Void) async throws {
        let initial = "x-grpc-test-echo-initial"
        let trailing = "x-grpc-test-echo-trailing-bin"
        let (seen, report) = AsyncStream.makeStream(of: Metadata.self)
        var options = CallOptions(metadata: [initial: "test_initial_metadata_value"])
        options.metadata.add([0xAB, 0xAB, 0xAB], for: trailing)
        options.onInitialMetadata = { report.yield($0) }
        options.onTrailingMetadata = {
            report.yield($0)
            report.finish()
        }
        try await call(options)
        var iterator = seen.makeAsyncIterator()
        try expect(await iterator.next()?[initial] == "test_initial_metadata_value", "the initial metadata back")
        try expect(await iterator.next()?.binaries(trailing) == [[0xAB, 0xAB, 0xAB]], "the trailing metadata back")
    }

    private func statusCodeAndMessage() async throws {
        try await status(EchoStatus(code: 2, message: "test status message"))
    }

    private func specialStatusMessage() async throws {
        try await status(EchoStatus(code: 2, message: "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"))
    }

    private func status(_ status: EchoStatus) async throws {
        do {
            _ = try await client.unaryCall(SimpleRequest(responseStatus: status))
            throw Failed(description: "an error was expected")
        } catch let error as RPCError {
            try expect(error.code.rawValue == status.code && error.message == status.message, "the status that was sent")
        }
        do {
            try await client.fullDuplexCall { requests, responses in
                try await requests.write(StreamingOutputCallRequest(responseStatus: status))
                requests.finish()
                for try await _ in responses {}
            }
            throw Failed(description: "an error was expected")
        } catch let error as RPCError {
            try expect(error.code.rawValue == status.code && error.message == status.message, "the status that was sent")
        }
    }

    private func unimplementedMethod() async throws {
        try expect(try await code { _ = try await client.unimplementedCall(Empty()) } == .unimplemented, "UNIMPLEMENTED")
    }

    private func unimplementedService() async throws {
        let client = UnimplementedServiceClient(channel)
        try expect(try await code { _ = try await client.unimplementedCall(Empty()) } == .unimplemented, "UNIMPLEMENTED")
    }

    private func cancelAfterBegin() async throws {
        let task = Task {
            try await code { _ = try await client.streamingInputCall { _ in try await Task.sleep(for: .seconds(60)) } }
        }
        task.cancel()
        let ended = await task.result
        switch ended {
        case .success(let code): try expect(code == .cancelled, "CANCELLED")
        case .failure(let error): try expect(error is CancellationError, "the sender's own cancellation")
        }
    }

    private func cancelAfterFirstResponse() async throws {
        let request = StreamingOutputCallRequest(
            responseParameters: [ResponseParameters(size: 31_415)], payload: zeros(27_182))
        let task = Task {
            try await code {
                try await client.fullDuplexCall { requests, responses in
                    try await requests.write(request)
                    var iterator = responses.makeAsyncIterator()
                    _ = try await iterator.next()
                    withUnsafeCurrentTask { $0?.cancel() }
                    _ = try await iterator.next()
                }
            }
        }
        try expect(try await task.value == .cancelled, "CANCELLED")
    }

    private func tenMegabytes() async throws {
        let answer = try await client.unaryCall(SimpleRequest(responseSize: 10_000_000, payload: zeros(10_000_000)))
        try expect(answer.payload?.body.count == 10_000_000, "10 MB")
    }

    /// All are open before the first one ends.
    private func thousandStreams() async throws {
        let opened = Meeting(of: 1_000)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<1_000 {
                group.addTask {
                    try await client.fullDuplexCall { requests, responses in
                        var iterator = responses.makeAsyncIterator()
                        try await requests.write(
                            StreamingOutputCallRequest(responseParameters: [ResponseParameters(size: 3)]))
                        try expect(try await iterator.next()?.payload?.body.count == 3, "an answer")
                        await opened.arrive()
                        requests.finish()
                        try expect(try await iterator.next() == nil, "the end")
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func timeoutOnSleepingServer() async throws {
        let answer = try await code {
            try await client.fullDuplexCall(CallOptions(timeout: .milliseconds(1))) { requests, responses in
                try await requests.write(StreamingOutputCallRequest(payload: zeros(27_182)))
                for try await _ in responses {}
            }
        }
        try expect(answer == .deadlineExceeded, "DEADLINE_EXCEEDED, not \(answer)")
    }
}

/// Lets everybody go on once all have arrived.
private actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        guard missing > 0 else {
            for continuation in waiting { continuation.resume() }
            return waiting = []
        }
        await withCheckedContinuation { waiting.append($0) }
    }
}
