import GRPC
import Hummingbird
import NIOCore
import Protobuf
import ServiceLifecycle

extension TranscodedRoute {
    /// A server stream as `text/event-stream` or newline-separated JSON. The first message is awaited before the status is
    /// sent, so that a refusal has its real one.
    func stream(_ object: JSONObject, _ options: CallOptions, as type: MediaType, _ exchange: Exchange) async throws -> Answer {
        // The deadline of a request bounds its beginning; a stream goes on until someone ends it.
        var options = options
        options.deadline = nil
        return try await stream(descriptor.request, descriptor.response, object, options, as: type, exchange)
    }

    private func stream<Request: Message, Response: Message>(
        _ requestType: Request.Type, _: Response.Type, _ object: JSONObject, _ options: CallOptions, as type: MediaType,
        _ exchange: Exchange
    ) async throws -> Answer {
        var object = object
        if let id = exchange[.lastEventID], schema[message: plan.method.input].field(named: "after_cursor") != nil {
            object["afterCursor"] = .string(id)
        }
        let request = try decode(requestType, object)
        let responses: ResponseStream<Response> = channel.serverStreaming(descriptor, request, options)
        var iterator = responses.makeAsyncIterator()
        let first = try await iterator.next()
        let isEvents = type != .newlineJSON
        let (requestID, ping) = (exchange.requestID, limits.ping)
        let headers = [
            ("Content-Type", isEvents ? "text/event-stream" : "application/x-ndjson"), ("Cache-Control", "no-cache"),
            ("X-Accel-Buffering", "no"),
        ]
        return Answer(
            200, headers: headers.map { ($0.0, $0.1) },
            body: .stream { writer in
                if isEvents {
                    try await writer.write(ByteBuffer(string: ServerSentEvent.retry(milliseconds: .random(in: 1000...3000))))
                }
                if let first { try await writer.write(Self.frame(first, isEvents: isEvents)) }
                do {
                    try await Self.relay(responses, isEvents: isEvents, ping: ping, &writer)
                } catch let error as RPCError {
                    let problem = Problem(error).json(.problem, requestID: requestID).text
                    let text = isEvents ? ServerSentEvent(name: "error", data: problem).text : "{\"error\":\(problem)}\n"
                    try await writer.write(ByteBuffer(string: text))
                }
            })
    }

    private enum Step: Sendable {
        case message(ByteBuffer)
        case ping
        case failed(RPCError)
    }

    /// Writes the messages, and pings while there are none. Either waits until its last step was written, so that no more
    /// than one of each is held here: a reader that stops holds back the service.
    private static func relay<Response: Message>(
        _ responses: ResponseStream<Response>, isEvents: Bool, ping: Duration, _ writer: inout any ResponseBodyWriter
    ) async throws {
        let (steps, step) = AsyncStream.makeStream(of: Step.self)
        let (messagesWritten, messageWritten) = AsyncStream.makeStream(of: Void.self)
        let (pingsWritten, pingWritten) = AsyncStream.makeStream(of: Void.self)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    var written = messagesWritten.makeAsyncIterator()
                    // A stream without an end ends when this process goes; its reader resumes.
                    for try await message in responses.cancelOnGracefulShutdown() {
                        step.yield(.message(frame(message, isEvents: isEvents)))
                        await written.next()
                    }
                } catch let error as RPCError {
                    step.yield(.failed(error))
                }
                step.finish()
            }
            if isEvents {
                group.addTask {
                    var written = pingsWritten.makeAsyncIterator()
                    repeat {
                        try await Task.sleep(for: ping)
                        step.yield(.ping)
                    } while await written.next() != nil
                }
            }
            for await step in steps {
                switch step {
                case .message(let buffer):
                    try await writer.write(buffer)
                    messageWritten.yield()
                case .ping:
                    try await writer.write(ByteBuffer(string: ServerSentEvent.ping))
                    pingWritten.yield()
                case .failed(let error): throw error
                }
            }
            group.cancelAll()
        }
    }

    private static func frame(_ message: some Message, isEvents: Bool) -> ByteBuffer {
        let json = message.json(options: .emitDefaults)
        guard isEvents else { return ByteBuffer(bytes: json + [0x0A]) }
        let cursor = JSONScanner.stringMember("cursor", of: json[...])
        return ByteBuffer(string: ServerSentEvent(id: cursor, data: String(decoding: json, as: UTF8.self)).text)
    }
}
