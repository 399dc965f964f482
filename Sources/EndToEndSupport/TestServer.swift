import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// What came in.
package struct Incoming: Sendable {
    package var path: String
    package var headers: [String: String]
    package var body: [UInt8]
}

package enum Outgoing: Sendable {
    case answer(Int, String = "", headers: [String: String] = [:])
    /// The connection is cut in the middle of the answer.
    case cut
    /// No answer ever.
    case silence
    /// An answer without an end.
    case endless
}

/// Runs the body with an HTTP server of its own on a port of its own.
package func withServer<Answer: Sendable>(
    _ respond: @escaping @Sendable (Incoming) async -> Outgoing, _ body: (_ port: Int) async throws -> Answer
) async throws -> Answer {
    let (ports, bound) = AsyncStream.makeStream(of: Int.self)
    let router = Hummingbird.Router()
    router.post("**") { request, _ in
        let bytes = try await request.body.collect(upTo: 4 << 20)
        var headers: [String: String] = [:]
        for field in request.headers { headers[field.name.canonicalName] = field.value }
        headers["host"] = request.head.authority ?? ""
        let incoming = Incoming(path: request.uri.path, headers: headers, body: Array(bytes.readableBytesView))
        return try await response(respond(incoming))
    }
    let application = Application(
        router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: nil),
        onServerRunning: { channel in bound.yield(channel.localAddress?.port ?? 0) },
        logger: Logger(label: "test-server") { _ in SwiftLogNoOpLogHandler() })
    return try await withThrowingTaskGroup(of: Void.self) { group in
        defer { group.cancelAll() }
        group.addTask { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        guard let port = await iterator.next() else { throw ChildProcessError("the test server did not open a port") }
        return try await body(port)
    }
}

private struct Cut: Error {}

private func response(_ outgoing: Outgoing) async throws -> Response {
    switch outgoing {
    case .answer(let status, let body, let headers):
        var fields: HTTPFields = [.contentType: "application/json"]
        for (name, value) in headers { if let name = HTTPField.Name(name) { fields[name] = value } }
        return Response(status: .init(code: status), headers: fields, body: .init(byteBuffer: ByteBuffer(string: body)))
    case .cut:
        return Response(status: .ok, body: .init(contentLength: 100) { _ in throw Cut() })
    case .silence:
        try await Task.sleep(for: .seconds(3_600))
        throw Cut()
    case .endless:
        return Response(
            status: .ok,
            body: .init { writer in
                while true { try await writer.write(ByteBuffer(repeating: 0x20, count: 4_096)) }
            })
    }
}
