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
        let requestID = exchange.requestID
        let headers = [
            ("Content-Type", isEvents ? "text/event-stream" : "application/x-ndjson"), ("Cache-Control", "no-cache"),
            ("X-Accel-Buffering", "no"),
        ]
        return Answer(
            200, headers: headers.map { ($0.0, $0.1) },
            body: .stream { writer in
                do {
                    if let first { try await writer.write(Self.frame(first, isEvents: isEvents)) }
                    // A stream without an end ends when this process goes; its reader resumes.
                    for try await message in responses.cancelOnGracefulShutdown() {
                        try await writer.write(Self.frame(message, isEvents: isEvents))
                    }
                } catch let error as RPCError {
                    let problem = Problem(error).json(.problem, requestID: requestID).text
                    let text = isEvents ? ServerSentEvent(name: "error", data: problem).text : "{\"error\":\(problem)}\n"
                    try await writer.write(ByteBuffer(string: text))
                }
            })
    }

    private static func frame(_ message: some Message, isEvents: Bool) -> ByteBuffer {
        let json = message.json(options: .emitDefaults)
        guard isEvents else { return ByteBuffer(bytes: json + [0x0A]) }
        let cursor = JSONScanner.stringMember("cursor", of: json[...])
        return ByteBuffer(string: ServerSentEvent(id: cursor, data: String(decoding: json, as: UTF8.self)).text)
    }
}
