import AsyncHTTPClient
import GRPC
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOHTTP1
import ServiceLifecycle
import Testing

@testable import Gateway

/// The whole edge between real sockets: HTTP on one side, fake backends over gRPC on the other.
struct EdgeUnderTest: Sendable {
    let conversations: FakeConversations
    let contacts: FakeContacts
    let feed: ConversationsFeed
    let baseURL: String
    let port: Int

    static var configuration: GatewayConfiguration {
        GatewayConfiguration(
            httpListen: ServerAddress(host: "127.0.0.1", port: 0), origins: ["https://desk.example"], principalRate: 100_000,
            addressRate: 100_000, bodyBytesMax: 64 << 10, attachmentBytesMax: 1 << 20, ping: .milliseconds(200),
            rights: .milliseconds(200))
    }

    static func run(
        configuration: GatewayConfiguration = configuration, authenticator: FakeAuthenticator = FakeAuthenticator(),
        _ body: (EdgeUnderTest) async throws -> Void
    ) async throws {
        let conversations = FakeConversations()
        let contacts = FakeContacts()
        let server = GRPC.Server(services: [conversations, contacts, FakeWidget()])
        let grpcPort = try #require(try await server.start().port)
        let channel = GRPC.Channel(addresses: [ServerAddress(host: "127.0.0.1", port: grpcPort)])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let feed = ConversationsFeed(client: .init(channel), feed: LiveFeed(), logger: logger)
        let edge = Edge(
            configuration: configuration, authenticator: authenticator, contacts: channel, conversations: channel, feed: feed)
        let responder = EdgeResponder(
            routes: try edge.routes(), cors: CORS(origins: Set(configuration.origins)), limits: .init(), logger: logger)
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        var listener = HTTPListener(address: configuration.httpListen, responder: responder, logger: logger)
        listener.onBound = { bound.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { [listener] group in
            group.addTask { try await listener.run() }
            group.addTask { try await feed.run() }
            group.addTask { try await server.run() }
            let port = try #require(await ports.first { _ in true })
            try await body(
                EdgeUnderTest(
                    conversations: conversations, contacts: contacts, feed: feed, baseURL: "http://127.0.0.1:\(port)", port: port)
            )
            group.cancelAll()
        }
        await channel.close()
    }

    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var text: String

        var json: JSONValue { (try? JSONParser.parse(Array(text.utf8))) ?? .null }
        subscript(_ header: String) -> String? { headers.first(name: header) }
    }

    func send(
        _ method: String, _ path: String, token: String? = "agent", headers: [(String, String)] = [], body: String? = nil
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: baseURL + path)
        request.method = .RAW(value: method)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body {
            request.body = .bytes(ByteBuffer(string: body))
            if !request.headers.contains(name: "Content-Type") {
                request.headers.add(name: "Content-Type", value: "application/json")
            }
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let text = String(buffer: try await response.body.collect(upTo: 16 << 20))
        return Reply(status: Int(response.status.code), headers: response.headers, text: text)
    }

    /// Opens an event stream; the closure gets its events as they come.
    func stream(
        _ path: String, token: String? = "agent", headers: [(String, String)] = [],
        _ body: (inout EventReader) async throws -> Void
    ) async throws {
        var request = HTTPClientRequest(url: baseURL + path)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        try #require(response.status == .ok)
        var reader = EventReader(body: response.body.makeAsyncIterator())
        try await body(&reader)
    }

    /// Waits until the feed has its Watch.
    func untilLive() async throws {
        while feed.feed.cursor == nil { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Reads `text/event-stream`.
struct EventReader {
    var body: HTTPClientResponse.Body.AsyncIterator
    var rest = ""
    var comments = 0

    /// The next event; nil at the end of the stream.
    mutating func next() async throws -> ServerSentEvent? {
        while true {
            if let end = rest.range(of: "\n\n") {
                let block = rest[..<end.lowerBound]
                rest = String(rest[end.upperBound...])
                var event = ServerSentEvent(data: "")
                var hasData = false
                for line in block.split(separator: "\n") {
                    if line.hasPrefix(":") { comments += 1 }
                    if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                    if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                    if line.hasPrefix("data: ") {
                        event.data += line.dropFirst(6)
                        hasData = true
                    }
                }
                if hasData { return event }
                continue
            }
            guard let buffer = try await body.next() else { return nil }
            rest += String(buffer: buffer)
        }
    }
}

extension String {
    fileprivate func range(of text: String) -> Range<String.Index>? {
        var index = startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
