import ConversationsV1
import GRPC
import NIOCore
import NIOPosix
import Testing

@testable import Gateway

/// Many browsers, some of which do not read: what they cost the services and each other.
@Suite("Many streams", .timeLimit(.minutes(1)))
struct ManyStreamsTests {
    private static var configuration: GatewayConfiguration {
        var configuration = EdgeUnderTest.configuration
        configuration.ping = .seconds(60)
        configuration.rights = .seconds(600)
        return configuration
    }

    @Test("500 streams, each told each event once, over one Watch of each service")
    func oneWatchForAll() async throws {
        try await EdgeUnderTest.run(configuration: Self.configuration) { edge in
            try await edge.untilLive()
            let streams = 500
            try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<streams {
                    group.addTask {
                        try await RawStream.open(edge.port) { stream in
                            var seen: [String] = []
                            while seen.count < 5, let event = try await stream.next() {
                                let id = event.conversationID
                                if !id.isEmpty { seen.append(id) }
                            }
                            return seen
                        }
                    }
                }
                while edge.feed.viewerCount < streams { try await Task.sleep(for: .milliseconds(5)) }
                for number in 1...5 { edge.commit(number) }
                for _ in 0..<streams {
                    let seen = try await group.next()
                    #expect(seen == (1...5).map { "c\($0)" })
                }
            }
            #expect(edge.conversations.log.watchers == (open: 1, begun: 1))
            #expect(edge.contacts.log.watchers == (open: 1, begun: 1))
        }
    }

    @Test("a browser that does not read is cut, with a position to resume from; another one misses nothing meanwhile")
    func slowReader() async throws {
        try await EdgeUnderTest.run(configuration: Self.configuration) { edge in
            try await edge.untilLive()
            let text = String(repeating: "x", count: 16_000)
            try await RawStream.open(edge.port) { other in
                let first = try await other.next()
                #expect(first?.name == "ready")
                var (told, position) = ([String](), "")
                var committed = 0
                try await RawStream.open(edge.port) { slow in
                    let first = try await slow.next()
                    #expect(first?.name == "ready")
                    // Not read: the sockets' buffers fill, then its queue, then it is cut. The other one takes each at once.
                    while edge.feed.viewerCount == 2 {
                        try #require(committed < 5_000, "nobody cuts it")
                        committed += 1
                        edge.commit(committed, text: text)
                        let event = try await other.next()
                        #expect(event?.conversationID == "c\(committed)")
                    }
                    while let event = try? await slow.next() {
                        let id = event.conversationID
                        if !id.isEmpty { told.append(id) }
                        position = event.id ?? position
                    }
                }
                #expect(told.count < committed)
                print("cut with \(committed - told.count) of \(committed) events of 16 kB untold")
                try await RawStream.open(edge.port, lastEventID: position) { again in
                    while told.count < committed, let event = try await again.next() {
                        let id = event.conversationID
                        if !id.isEmpty { told.append(id) }
                    }
                }
                #expect(told == (1...committed).map { "c\($0)" })
            }
        }
    }
}

extension ServerSentEvent {
    /// Of an event about a conversation; otherwise empty.
    fileprivate var conversationID: String { JSONScanner.stringMember("conversationId", of: Array(data.utf8)[...]) ?? "" }
}

/// An event stream over a socket of its own, which is read only when it is asked.
struct RawStream {
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var bytes: [UInt8] = []
    private var hasHead = false
    private var blocks = EventBlocks()

    static func open<Answer: Sendable>(
        _ port: Int, lastEventID: String? = nil, _ body: (inout RawStream) async throws -> Answer
    ) async throws -> Answer {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try NIOAsyncChannel<ByteBuffer, ByteBuffer>(
                        wrappingChannelSynchronously: channel,
                        configuration: .init(backPressureStrategy: .init(lowWatermark: 1, highWatermark: 1)))
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            let resumed = lastEventID.map { "Last-Event-ID: \($0)\r\n" } ?? ""
            try await outbound.write(
                ByteBuffer(
                    string: "GET /v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer agent\r\n\(resumed)"
                        + "Accept: text/event-stream\r\n\r\n"))
            var stream = RawStream(inbound: inbound.makeAsyncIterator())
            return try await body(&stream)
        }
    }

    private init(inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator) { self.inbound = inbound }

    /// The next event; nil at the end of the connection.
    mutating func next() async throws -> ServerSentEvent? {
        while true {
            if let event = blocks.next() { return event }
            if let chunk = takeChunk() {
                blocks.append(chunk)
                continue
            }
            guard let buffer = try await inbound.next() else { return nil }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
    }

    /// A chunk that has come whole (RFC 9112, section 7.1); what is in front of the first one is the answer's head.
    private mutating func takeChunk() -> ArraySlice<UInt8>? {
        if !hasHead {
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
            bytes.removeFirst(end.upperBound)
            hasHead = true
        }
        guard let line = bytes.prefix(20).firstRange(of: Array("\r\n".utf8)),
            let size = Int(String(decoding: bytes[..<line.lowerBound], as: UTF8.self), radix: 16),
            bytes.count >= line.upperBound + size + 2
        else { return nil }
        defer { bytes.removeFirst(line.upperBound + size + 2) }
        return bytes[line.upperBound..<(line.upperBound + size)]
    }
}
