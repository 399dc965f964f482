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
    let tickets: FakeTickets
    let routing: FakeRouting
    let reports: FakeReports
    let feed: LiveFeed<FeedEvent>
    let baseURL: String
    let port: Int

    /// Takes answers as they come, compressed ones too.
    static let client = HTTPClient(eventLoopGroupProvider: .singleton)

    static var configuration: GatewayConfiguration {
        GatewayConfiguration(
            httpListen: ServerAddress(host: "127.0.0.1", port: 0), origins: ["https://desk.example"], principalRate: 100_000,
            addressRate: 100_000, rateOlderHeaders: true, bodyBytesMax: 64 << 10, attachmentBytesMax: 1 << 20,
            ping: .milliseconds(200),
            rights: .milliseconds(200))
    }

    static func run(
        configuration: GatewayConfiguration = configuration, authenticator: FakeAuthenticator = FakeAuthenticator(),
        schema: Schema? = nil,
        _ body: (EdgeUnderTest) async throws -> Void
    ) async throws {
        let conversations = FakeConversations()
        let contacts = FakeContacts()
        let (tickets, routing, reports) = (FakeTickets(), FakeRouting(), FakeReports())
        let server = GRPC.Server(
            services: [conversations, contacts, tickets, routing, FakeAgents(), FakeWidget()] + reports.services)
        let grpcPort = try #require(try await server.start().port)
        let channel = GRPC.Channel(addresses: [ServerAddress(host: "127.0.0.1", port: grpcPort)])
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let feed = LiveFeed<FeedEvent>()
        let edge = Edge(
            configuration: configuration, authenticator: authenticator, contacts: channel, conversations: channel,
            routing: channel, tickets: channel, templates: channel, channels: channel, feed: feed)
        let responder = EdgeResponder(
            routes: try edge.routes(schema ?? Edge.schema()), cors: CORS(origins: Set(configuration.origins)),
            limits: .init(olderRateHeaders: configuration.rateOlderHeaders), logger: logger)
        let (ports, bound) = AsyncStream.makeStream(of: Int.self)
        var listener = HTTPListener(address: configuration.httpListen, responder: responder, logger: logger)
        listener.onBound = { bound.yield($0) }
        try await withThrowingTaskGroup(of: Void.self) { [listener] group in
            group.addTask { try await listener.run() }
            for feed in edge.feeds(logger: logger) { group.addTask { try await feed.run() } }
            group.addTask { try await server.run() }
            let port = try #require(await ports.first { _ in true })
            try await body(
                EdgeUnderTest(
                    conversations: conversations, contacts: contacts, tickets: tickets, routing: routing, reports: reports,
                    feed: feed,
                    baseURL: "http://127.0.0.1:\(port)", port: port)
            )
            group.cancelAll()
        }
        await channel.close()
    }

    struct Reply: Sendable {
        var status: Int
        var headers: HTTPHeaders
        var bytes: [UInt8]

        var text: String { String(decoding: bytes, as: UTF8.self) }
        var json: JSONValue { (try? JSONParser.parse(bytes)) ?? .null }
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
        let response = try await Self.client.execute(request, timeout: .seconds(10))
        let bytes = Array(try await response.body.collect(upTo: 16 << 20).readableBytesView)
        return Reply(status: Int(response.status.code), headers: response.headers, bytes: bytes)
    }

    /// Opens an event stream; the closure gets its events as they come.
    func stream(
        _ path: String, token: String? = "agent", headers: [(String, String)] = [],
        _ body: (inout EventReader) async throws -> Void
    ) async throws {
        var request = HTTPClientRequest(url: baseURL + path)
        if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        let response = try await Self.client.execute(request, timeout: .seconds(10))
        try #require(response.status == .ok)
        var reader = EventReader(body: response.body.makeAsyncIterator())
        try await body(&reader)
    }

    /// Waits until the feed has its Watches.
    func untilLive() async throws {
        while feed.cursors.count < 4 { try await Task.sleep(for: .milliseconds(5)) }
    }
}

/// Reads `text/event-stream` from a client's response.
struct EventReader {
    var body: HTTPClientResponse.Body.AsyncIterator
    var blocks = EventBlocks()

    /// Comments so far.
    var comments: Int { blocks.comments }
    /// Milliseconds to wait before coming back, as the stream said.
    var retry: Int? { blocks.retry }

    /// The next event; nil at the end of the stream.
    mutating func next() async throws -> ServerSentEvent? {
        while true {
            if let event = blocks.next() { return event }
            guard let buffer = try await body.next() else { return nil }
            blocks.append(buffer.readableBytesView)
        }
    }

    /// Takes a piece in which no event is expected: a comment.
    mutating func readComment() async throws {
        let buffer = try #require(try await body.next())
        blocks.append(buffer.readableBytesView)
        #expect(blocks.next() == nil)
    }

    /// The next line of a stream that is no event stream.
    mutating func line() async throws -> String {
        while true {
            if let line = blocks.line() { return line }
            let buffer = try #require(try await body.next())
            blocks.append(buffer.readableBytesView)
        }
    }
}

/// Takes events apart (HTML, section 9.2.6).
struct EventBlocks {
    private var bytes: [UInt8] = []
    private var searched = 0
    private(set) var comments = 0
    private(set) var retry: Int?

    mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next event that has data; nil while there is none.
    mutating func next() -> ServerSentEvent? {
        while searched + 1 < bytes.count {
            guard bytes[searched] == 0x0A, bytes[searched + 1] == 0x0A else {
                searched += 1
                continue
            }
            let block = String(decoding: bytes[..<searched], as: UTF8.self)
            bytes.removeFirst(searched + 2)
            searched = 0
            var event = ServerSentEvent(data: "")
            var hasData = false
            for line in block.split(separator: "\n") {
                if line.hasPrefix(":") { comments += 1 }
                if line.hasPrefix("retry: ") { retry = Int(line.dropFirst(7)) }
                if line.hasPrefix("id: ") { event.id = String(line.dropFirst(4)) }
                if line.hasPrefix("event: ") { event.name = String(line.dropFirst(7)) }
                if line.hasPrefix("data: ") {
                    event.data += line.dropFirst(6)
                    hasData = true
                }
            }
            if hasData { return event }
        }
        return nil
    }

    /// Takes a line, where lines are not events.
    mutating func line() -> String? {
        guard let end = bytes.firstIndex(of: 0x0A) else { return nil }
        defer { bytes.removeFirst(end + 1) }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
