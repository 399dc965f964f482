import NIOCore
import Testing

@testable import HTTP2

/// The attacks on HTTP/2, frame by frame, against a server session at the edge's limits.
@Suite("A hostile peer")
struct HostilePeerTests {
    private func server(_ limits: HTTP2Limits = .edge) throws -> (HTTP2Session, SessionEvents) {
        let events = SessionEvents()
        let session = HTTP2Session(role: .server, limits: limits, delegate: events)
        try session.receive(RawFrames.preface.buffer)
        return (session, events)
    }

    /// Feeds the frames in pieces of one frame's size, answering as a server would.
    private func feed(_ session: HTTP2Session, _ frames: RawFrames) throws {
        var buffer = frames.buffer
        while let piece = buffer.readSlice(length: min(1_000, buffer.readableBytes)), piece.readableBytes > 0 {
            try session.receive(piece)
            var output = ByteBuffer()
            _ = try session.drain(into: &output)
        }
    }

    @Test("a flood of PING frames ends in GOAWAY too_many_pings")
    func pings() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        for _ in 0..<20_000 { frames.ping() }
        try feed(session, frames)
        #expect(session.violation == .pings)
        #expect(!session.isAlive)
    }

    @Test("a flood of SETTINGS frames ends in GOAWAY")
    func settings() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        for _ in 0..<20_000 { frames.settings() }
        try feed(session, frames)
        #expect(session.violation == .settings)
    }

    @Test("a flood of empty DATA frames ends in GOAWAY")
    func emptyData() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        frames.headers(stream: 1)
        for _ in 0..<20_000 { frames.data(stream: 1) }
        try feed(session, frames)
        #expect(session.violation == .emptyData)
    }

    @Test("a flood of PRIORITY frames ends in GOAWAY")
    func priority() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        for index in 0..<20_000 { frames.priority(stream: UInt32(1 + 2 * (index % 50))) }
        try feed(session, frames)
        #expect(session.violation == .priority)
    }

    @Test("Rapid Reset (CVE-2023-44487) ends in GOAWAY at the edge")
    func rapidReset() throws {
        let (session, events) = try server()
        var frames = RawFrames()
        for index in 0..<3_000 {
            frames.headers(stream: UInt32(1 + 2 * index))
            frames.reset(stream: UInt32(1 + 2 * index))
        }
        try feed(session, frames)
        #expect(session.violation == .resets)
        #expect(events.streams.count < 400)
    }

    @Test("between our own services, cancelled calls are no attack")
    func honestCancellations() throws {
        let (session, _) = try server(.trusted)
        var frames = RawFrames()
        for index in 0..<3_000 {
            frames.headers(stream: UInt32(1 + 2 * index))
            frames.reset(stream: UInt32(1 + 2 * index))
        }
        try feed(session, frames)
        #expect(session.violation == nil)
        #expect(session.isAlive)
    }

    @Test("MadeYouReset (CVE-2025-8671): streams that we must reset count as well")
    func madeYouReset() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        for index in 0..<3_000 {
            frames.headers(stream: UInt32(1 + 2 * index))
            frames.windowUpdate(stream: UInt32(1 + 2 * index), by: 0x7FFF_FFFF)
        }
        try feed(session, frames)
        #expect(session.violation == .resets)
    }

    @Test("a CONTINUATION flood (CVE-2024-28182) ends the connection")
    func continuationFlood() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        frames.headers(stream: 1, endHeaders: false)
        for _ in 0..<200 { frames.continuation(stream: 1) }
        #expect(throws: HTTP2ConnectionError.self) { try feed(session, frames) }
        #expect(session.violation == .continuations)
    }

    @Test("one legal CONTINUATION that comes byte by byte is accepted")
    func slowContinuation() throws {
        let (session, events) = try server()
        var frames = RawFrames()
        frames.headers(stream: 1, endHeaders: false)
        frames.continuation(stream: 1, [0x00, 0x01, 0x78, 0x01, 0x79], endHeaders: true)
        for byte in frames.bytes { try session.receive(ByteBuffer(bytes: [byte])) }
        #expect(events.streams.count == 1)
        #expect(events.streams[0].headers[0].first(named: "x") == "y")
    }

    @Test("an HPACK bomb is counted, not built")
    func hpackBomb() throws {
        let (session, events) = try server()
        var frames = RawFrames()
        // A literal of 3,900 bytes enters the dynamic table; each further byte refers to it.
        var literal: [UInt8] = [0x40, 0x01, 0x78, 0x7F]
        var rest = 3_900 - 127
        while rest >= 128 {
            literal.append(UInt8(rest % 128 + 128))
            rest /= 128
        }
        literal.append(UInt8(rest))
        literal += [UInt8](repeating: 0x61, count: 3_900)
        frames.headers(stream: 1, more: literal)
        frames.headers(stream: 3, more: [UInt8](repeating: 0xBF, count: 10_000))
        try feed(session, frames)
        #expect(session.violation == .fatalHeaderList)
        #expect(events.streams.count == 1, "only the first stream reached the application")
    }

    @Test("a header block that does not end is cut off by the clock")
    func slowHeaderBlock() throws {
        let (session, _) = try server()
        var frames = RawFrames()
        frames.headers(stream: 1, endHeaders: false)
        try feed(session, frames)
        for _ in 0..<10 { session.tick(interval: .seconds(1)) }
        #expect(session.violation == nil)
        session.tick(interval: .seconds(1))
        #expect(session.violation == .slowHeaderBlock)
    }

    @Test("a stream whose bytes do not move is reset after the stall timeout")
    func stall() throws {
        let pair = SessionPair(client: windowOf(100), server: .edge)
        let (_, events, server) = try pair.open()
        events.takes = false
        server.stream?.write([UInt8](repeating: 1, count: 1_000))
        server.stream?.respond(.fields([HeaderField(":status", "200")]))
        try pair.run()
        #expect(server.stream?.waitingBytes == 900)
        for _ in 0..<30 { pair.server.tick(interval: .seconds(1)) }
        try pair.run()
        #expect(server.close == nil)
        pair.server.tick(interval: .seconds(1))
        try pair.run()
        #expect(server.close?.code == .cancel)
    }

    private func windowOf(_ bytes: Int) -> HTTP2Limits {
        var limits = HTTP2Limits.trusted
        limits.streamWindowBytes = bytes
        return limits
    }
}
