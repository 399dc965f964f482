import NIOCore

@testable import HTTP2

/// A client and a server session, joined without a socket: bytes go over when ``run()`` says so.
final class SessionPair {
    let clientEvents = SessionEvents()
    let serverEvents = SessionEvents()
    let client: HTTP2Session
    let server: HTTP2Session
    /// Bytes that went from the client to the server, and back.
    private(set) var bytesUp = 0
    private(set) var bytesDown = 0

    init(client clientLimits: HTTP2Limits = .trusted, server serverLimits: HTTP2Limits = .trusted) {
        client = HTTP2Session(role: .client, limits: clientLimits, delegate: clientEvents)
        server = HTTP2Session(role: .server, limits: serverLimits, delegate: serverEvents)
    }

    /// Carries bytes both ways until both are quiet.
    func run() throws {
        while true {
            let up = try move(from: client, to: server)
            let down = try move(from: server, to: client)
            bytesUp += up
            bytesDown += down
            if up + down == 0 { return }
        }
    }

    private func move(from: HTTP2Session, to: HTTP2Session) throws -> Int {
        var buffer = ByteBuffer()
        _ = try from.drain(into: &buffer)
        if buffer.readableBytes > 0 { try to.receive(buffer) }
        return buffer.readableBytes
    }

    /// Opens a POST with a body and gives its two ends.
    func open(fields: [HeaderField] = []) throws -> (client: HTTP2Stream, clientEvents: StreamEvents, server: StreamEvents) {
        let events = StreamEvents()
        let head = [
            HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", "/a/b"),
            HeaderField(":authority", "test"),
        ]
        let stream = try client.request(.fields(head + fields), hasBody: true, delegate: events)
        events.stream = stream
        try run()
        guard let accepted = serverEvents.streams.last else { throw HTTP2ConnectionError("the server accepted no stream") }
        return (stream, events, accepted)
    }
}

/// What a session told its owner.
final class SessionEvents: HTTP2SessionDelegate {
    var streams: [StreamEvents] = []
    var settings: [Int] = []
    var goAways: [(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String)] = []
    var pingAcks: [UInt64] = []
    var passed: [HTTP2Violation] = []
    var sendBufferIsFull: [Bool] = []

    func accepted(
        _ stream: HTTP2Stream, _ fields: [HeaderField], endStream: Bool, tooLarge: Bool
    ) -> (any HTTP2StreamDelegate)? {
        let events = StreamEvents()
        events.stream = stream
        events.receivedHeaders(fields, endStream: endStream, tooLarge: tooLarge)
        streams.append(events)
        return events
    }

    func receivedSettings(concurrentStreamsMax: Int) { settings.append(concurrentStreamsMax) }

    func receivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String) {
        goAways.append((lastStreamID, code, debugData))
    }

    func receivedPingAck(_ payload: UInt64) { pingAcks.append(payload) }

    func passed(_ limit: HTTP2Violation) { passed.append(limit) }

    func sendBuffer(isFull: Bool) { sendBufferIsFull.append(isFull) }

    func ticked(_ interval: Duration) {}
}

/// What a stream told its user.
final class StreamEvents: HTTP2StreamDelegate {
    struct Close: Equatable {
        let code: HTTP2ErrorCode
        let processed: Bool
        let connectionLost: Bool
    }

    var stream: HTTP2Stream?
    var headers: [[HeaderField]] = []
    var tooLarge = false
    var data: [UInt8] = []
    var ended = false
    var sentBytes = 0
    var close: Close?
    /// Whether received bytes are reported taken at once.
    var takes = true

    func receivedHeaders(_ fields: [HeaderField], endStream: Bool, tooLarge: Bool) {
        headers.append(fields)
        self.tooLarge = self.tooLarge || tooLarge
        if endStream { ended = true }
    }

    func receivedData(_ bytes: UnsafeRawBufferPointer) {
        data.append(contentsOf: bytes)
        if takes { stream?.took(bytes.count) }
    }

    func receivedEnd() { ended = true }
    func sent(_ count: Int) { sentBytes += count }

    func closed(_ code: HTTP2ErrorCode, processed: Bool, connectionLost: Bool) {
        close = Close(code: code, processed: processed, connectionLost: connectionLost)
    }
}
