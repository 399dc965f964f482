import NIOCore
import Testing

@testable import HTTP2

@Suite("A session against a session, without a socket")
struct SessionTests {
    @Test("a request and its answer with trailers arrive as they were sent")
    func exchange() throws {
        let pair = SessionPair()
        let (stream, events, server) = try pair.open(fields: [HeaderField("x-name", "value")])
        #expect(server.headers[0].first(named: ":path") == "/a/b")
        #expect(server.headers[0].first(named: "x-name") == "value")

        stream.write(Array("question".utf8))
        stream.end()
        try pair.run()
        #expect(server.data == Array("question".utf8))
        #expect(server.ended)

        server.stream?.write(Array("answer".utf8))
        server.stream?.end(trailers: .fields([HeaderField("x-status", "0")]))
        server.stream?.respond(.fields([HeaderField(":status", "200")]))
        try pair.run()
        #expect(events.data == Array("answer".utf8))
        #expect(events.headers == [[HeaderField(":status", "200")], [HeaderField("x-status", "0")]])
        #expect(events.close == StreamEvents.Close(code: .noError, processed: true, connectionLost: false))
        #expect(server.close?.code == .noError)
        #expect(pair.client.streams.isEmpty && pair.server.streams.isEmpty)
    }

    @Test("headers that repeat on a connection are read right each time")
    func repeatedHeaders() throws {
        let pair = SessionPair()
        for round in 0..<100 {
            let value = "a value that is longer than fifteen bytes, number \(round % 3)"
            let (stream, _, server) = try pair.open(fields: [HeaderField("x-long", value)])
            #expect(server.headers[0].first(named: "x-long") == value)
            stream.reset(.cancel)
            try pair.run()
        }
    }

    @Test("lists that grow, shrink and change on a connection are read as they are, heads and trailers alike")
    func changingHeaders() throws {
        let pair = SessionPair()
        let lists: [[HeaderField]] = [
            [], [HeaderField("x-a", "1")], [HeaderField("x-a", "1"), HeaderField("x-b", "a value that enters HPACK's table")],
            [HeaderField("x-b", "a value that enters HPACK's table")], [HeaderField("x-a", "2"), HeaderField("x-c", "")],
            [HeaderField("x-c", ""), HeaderField("x-a", "2")], [HeaderField("x-a", "1")],
        ]
        for list in lists + lists.reversed() + lists {
            let (stream, events, server) = try pair.open(fields: list)
            stream.end(trailers: .fields(list + [HeaderField("x-last", "y")]))
            try pair.run()
            #expect(server.headers.map { $0.filter { $0.name.first == "x" } } == [list, list + [HeaderField("x-last", "y")]])
            server.stream?.respond(.fields([HeaderField(":status", "200")] + list))
            server.stream?.write([1])
            server.stream?.end(trailers: .fields([HeaderField("x-status", "0")] + list))
            try pair.run()
            #expect(events.headers == [[HeaderField(":status", "200")] + list, [HeaderField("x-status", "0")] + list])
        }
    }

    @Test("the version of a head stays while the heads are the same, and no longer")
    func headVersion() throws {
        let pair = SessionPair()
        func version(_ fields: [HeaderField]) throws -> Int {
            let (stream, _, _) = try pair.open(fields: fields)
            stream.reset(.cancel)
            try pair.run()
            return pair.server.headVersion
        }
        let (one, other) = (HeaderField("x-a", "a value of HPACK's table"), HeaderField("x-a", "another value of its"))
        let first = try version([one])
        #expect(try version([one]) == first)
        let second = try version([other])
        #expect(second != first)
        #expect(try version([other]) == second)
        let third = try version([])
        #expect(third != second)
        #expect(try version([]) == third)
        let fourth = try version([one])
        #expect(![first, second, third].contains(fourth))
        #expect(try version([one]) == fourth)
    }

    @Test("a stream that is refused while its headers come starts no clock")
    func refusedWhileHeadersCome() throws {
        let pair = SessionPair()
        _ = try pair.open()
        var frames = RawFrames()
        // An upper-case name: nghttp2 resets the stream itself, and reports no frame.
        frames.headers(stream: 3, more: [0x00, 0x01, 0x58, 0x01, 0x79])
        try pair.server.receive(frames.buffer)
        try pair.run()
        for _ in 0..<60 { pair.server.tick(interval: .seconds(1)) }
        #expect(pair.server.violation == nil)
    }

    @Test("a server that is done before the client resets with NO_ERROR")
    func earlyAnswer() throws {
        let pair = SessionPair()
        let (stream, events, server) = try pair.open()
        server.stream?.respond(only: .fields([HeaderField(":status", "200"), HeaderField("x-status", "5")]))
        try pair.run()
        #expect(events.ended)
        #expect(events.close?.code == .noError)
        stream.write([1, 2, 3])
        try pair.run()
        #expect(server.close?.code == .noError)
    }

    @Test("a receiver that takes nothing gets one window, and the sender keeps the rest")
    func flowControl() throws {
        var limits = HTTP2Limits.trusted
        limits.streamWindowBytes = 100_000
        let pair = SessionPair(server: limits)
        let (stream, events, server) = try pair.open()
        server.takes = false
        stream.write([UInt8](repeating: 7, count: 250_000))
        stream.end()
        try pair.run()
        #expect(server.data.count == 100_000)
        #expect(stream.waitingBytes == 150_000)
        #expect(events.sentBytes == 100_000)

        server.takes = true
        server.stream?.took(100_000)
        try pair.run()
        #expect(server.data.count == 250_000)
        #expect(server.ended)
        #expect(stream.waitingBytes == 0)
    }

    @Test("a stream that is not read does not stop the others, until the connection's bound")
    func stalledStreamLeavesOthers() throws {
        var limits = HTTP2Limits.trusted
        limits.streamWindowBytes = 200_000
        limits.connectionWindowBytes = 300_000
        limits.connectionReceiveBytesMax = 700_000
        let pair = SessionPair(server: limits)
        var stalled: [StreamEvents] = []
        for _ in 0..<3 {
            let (stream, _, server) = try pair.open()
            server.takes = false
            stalled.append(server)
            stream.write([UInt8](repeating: 1, count: 200_000))
            try pair.run()
        }
        #expect(stalled.map(\.data.count) == [200_000, 200_000, 200_000])
        let (stream, _, server) = try pair.open()
        server.takes = false
        stream.write([UInt8](repeating: 1, count: 200_000))
        try pair.run()
        #expect(server.data.count == 100_000, "600,000 untaken bytes leave 100,000 of the bound")
        stalled[0].stream?.took(200_000)
        try pair.run()
        #expect(server.data.count == 200_000)
    }

    @Test("a stream above GOAWAY's last id was not processed")
    func goAwayRefuses() throws {
        let pair = SessionPair()
        let (_, first, server) = try pair.open()
        pair.server.submitGoAway()
        var toClient = ByteBuffer()
        _ = try pair.server.drain(into: &toClient)
        let late = StreamEvents()
        _ = try pair.client.request(
            .fields([HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", "/late")]),
            hasBody: true, delegate: late)
        try pair.client.receive(toClient)
        try pair.run()
        #expect(late.close?.processed == false)
        #expect(first.close == nil)
        server.stream?.respond(only: .fields([HeaderField(":status", "200")]))
        try pair.run()
        #expect(first.close?.processed == true)
        #expect(!pair.client.isAlive && !pair.server.isAlive)
    }

    @Test("streams over the peer's limit wait inside the client")
    func concurrentStreams() throws {
        var limits = HTTP2Limits.trusted
        limits.concurrentStreamsMax = 2
        let pair = SessionPair(server: limits)
        try pair.run()
        #expect(pair.clientEvents.settings == [2])
        let streams = try (0..<3).map { _ in try pair.open().client }
        #expect(pair.serverEvents.streams.count == 2)
        streams[0].reset(.cancel)
        try pair.run()
        #expect(pair.serverEvents.streams.count == 3)
    }

    @Test("a PING comes back with its payload")
    func ping() throws {
        let pair = SessionPair()
        pair.client.ping(0x0102_0304)
        try pair.run()
        #expect(pair.clientEvents.pingAcks == [0x0102_0304])
    }

    @Test("a lost connection ends every stream")
    func connectionLost() throws {
        let pair = SessionPair()
        let (_, events, server) = try pair.open()
        pair.client.connectionLost()
        pair.server.connectionLost()
        #expect(events.close?.connectionLost == true)
        #expect(server.close?.connectionLost == true)
    }

    @Test("a header list over the bound is cut and said to be too large; other streams live")
    func headerListTooLarge() throws {
        var limits = HTTP2Limits.trusted
        limits.headerListBytesMax = 8 << 10
        let pair = SessionPair(server: limits)
        let (_, _, large) = try pair.open(fields: [HeaderField("x-large", String(repeating: "a", count: 17 << 10))])
        #expect(large.tooLarge)
        #expect(large.headers[0].reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 32 } <= 8 << 10)
        let (_, _, small) = try pair.open()
        #expect(!small.tooLarge)
        #expect(pair.server.violation == nil)
    }
}
