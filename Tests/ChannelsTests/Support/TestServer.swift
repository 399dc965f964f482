import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOPosix
import Synchronization
import Testing

/// What came in.
struct Incoming: Sendable {
    var path: String
    var headers: [String: String]
    var body: [UInt8]
}

enum Outgoing: Sendable {
    case answer(Int, String = "", headers: [String: String] = [:])
    /// The connection is cut in the middle of the answer.
    case cut
    /// No answer ever.
    case silence
    /// An answer without an end.
    case endless
}

/// Runs the body with an HTTP server of its own on a port of its own.
func withServer(
    _ respond: @escaping @Sendable (Incoming) async -> Outgoing, _ body: @escaping @Sendable (_ port: Int) async throws -> Void
) async throws {
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
        onServerRunning: { channel in bound.yield(channel.localAddress?.port ?? 0) }, logger: .quiet)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        do { try await body(port) } catch {
            group.cancelAll()
            throw error
        }
        group.cancelAll()
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

/// A listener that nobody must come to: it counts who does.
final class Canary: Sendable {
    private let count = Mutex(0)
    var connects: Int { count.withLock { $0 } }

    static func listening(_ body: (_ canary: Canary, _ port: Int) async throws -> Void) async throws {
        let canary = Canary()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                canary.count.withLock { $0 += 1 }
                return channel.close()
            }
            .bind(host: "127.0.0.1", port: 0).get()
        do { try await body(canary, channel.localAddress?.port ?? 0) } catch {
            try? await channel.close()
            throw error
        }
        try await channel.close()
    }
}

extension Logger {
    static var quiet: Logger { Logger(label: "channels-tests") { _ in SwiftLogNoOpLogHandler() } }
}
