import CNGHTTP2

/// What the user of a stream learns. See ``HTTP2SessionDelegate`` for what it may do then.
public protocol HTTP2StreamDelegate: AnyObject {
    /// A header list: for clients the head, then the trailers; for servers trailers. `tooLarge` when fields were left out
    /// because the list passed ``HTTP2Limits/headerListBytesMax``.
    func receivedHeaders(_ fields: [HeaderField], endStream: Bool, tooLarge: Bool)
    /// Bytes of the body. The receiver owes ``HTTP2Stream/took(_:)`` for them.
    func receivedData(_ bytes: UnsafeRawBufferPointer)
    /// The peer sends no more on this stream (not called after headers with `endStream`).
    func receivedEnd()
    /// `count` bytes that were written have left for the connection.
    func sent(_ count: Int)
    /// The stream is over. `processed` is false when the peer certainly never acted on it.
    func closed(_ code: HTTP2ErrorCode, processed: Bool, connectionLost: Bool)
}

/// One request with its answer.
public final class HTTP2Stream {
    // Not checked for overlapping access: one thread uses a stream, never from inside one of these variables.

    /// 0 until it is known.
    @exclusivity(unchecked) public internal(set) var id: Int32 = 0
    /// Nil once the stream is over.
    @exclusivity(unchecked) public private(set) var session: HTTP2Session?
    @exclusivity(unchecked) public var delegate: (any HTTP2StreamDelegate)?

    @exclusivity(unchecked) private var outbound = OutboundBuffer()
    @exclusivity(unchecked) private var ended = false
    @exclusivity(unchecked) private var trailers: HeaderBlock?
    @exclusivity(unchecked) private var deferred = false
    @exclusivity(unchecked) private var headSubmitted = false
    /// The tick at which bytes last left, or first waited.
    @exclusivity(unchecked) private(set) var movedAtTick = 0

    /// Where it stands among the session's open streams.
    @exclusivity(unchecked) var place = 0
    @exclusivity(unchecked) var headersSent = false
    @exclusivity(unchecked) var remoteEnded = false
    @exclusivity(unchecked) var wasAccepted = false
    /// Arrived, and not yet reported taken.
    @exclusivity(unchecked) private var untaken = 0

    init(session: HTTP2Session, delegate: (any HTTP2StreamDelegate)? = nil) {
        self.session = session
        self.delegate = delegate
    }

    /// Bytes written that wait for the peer's window.
    public var waitingBytes: Int { outbound.count }

    // MARK: Sending

    /// Answers with a head alone (servers only). Wraps `nghttp2_submit_response`.
    public func respond(only head: HeaderBlock) {
        guard let session, !headSubmitted else { return }
        headSubmitted = true
        ended = true
        _ = head.withNV { nghttp2_submit_response(session.handle, id, $0, $1, nil) }
        session.wantsDrain()
    }

    /// Answers with a head to which a body follows (servers only). Wraps `nghttp2_submit_response`.
    public func respond(_ head: HeaderBlock) {
        guard let session, !headSubmitted else { return }
        headSubmitted = true
        _ = head.withNV { nv, count in
            withProvider(true) { nghttp2_submit_response(session.handle, id, nv, count, $0) }
        }
        session.wantsDrain()
    }

    /// Queues bytes of the body.
    public func write(_ bytes: [UInt8]) {
        guard let session, !ended else { return }
        if outbound.count == 0 { movedAtTick = session.ticks }
        outbound.append(bytes)
        session.waitingBytes += bytes.count
        resume()
    }

    /// Ends our side, with trailers where given.
    public func end(trailers: HeaderBlock? = nil) {
        guard session != nil, !ended else { return }
        ended = true
        self.trailers = trailers
        resume()
    }

    /// Ends the stream at once; what waited is dropped. Wraps `nghttp2_submit_rst_stream`.
    public func reset(_ code: HTTP2ErrorCode) {
        guard let session else { return }
        nghttp2_submit_rst_stream(session.handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code.rawValue)
        session.wantsDrain()
    }

    /// Resets the stream where our side has not said everything yet.
    public func resetIfOpen(_ code: HTTP2ErrorCode) {
        if !ended || outbound.count > 0 { reset(code) }
    }

    /// Wraps `nghttp2_session_resume_data`.
    private func resume() {
        guard let session, deferred else { return }
        deferred = false
        nghttp2_session_resume_data(session.handle, id)
        session.wantsDrain()
    }

    /// Calls `body` with the data provider of this stream, or with nil.
    func withProvider<Result>(_ hasBody: Bool, _ body: (UnsafePointer<nghttp2_data_provider>?) -> Result) -> Result {
        guard hasBody else {
            ended = true
            return body(nil)
        }
        let source = nghttp2_data_source(ptr: Unmanaged.passUnretained(self).toOpaque())
        var provider = nghttp2_data_provider(source: source, read_callback: SessionCallbacks.readBody)
        return withUnsafePointer(to: &provider) { body($0) }
    }

    /// nghttp2 has room for `capacity` bytes. Returns what to answer it.
    func read(into target: UnsafeMutablePointer<UInt8>, capacity: Int, flags: UnsafeMutablePointer<UInt32>) -> Int {
        guard let session else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        if outbound.count == 0, !ended {
            deferred = true
            return Int(NGHTTP2_ERR_DEFERRED.rawValue)
        }
        let moved = outbound.read(into: target, capacity: capacity)
        movedAtTick = session.ticks
        if outbound.count == 0, ended {
            flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if let trailers {
                flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                _ = trailers.withNV { nghttp2_submit_trailer(session.handle, id, $0, $1) }
            }
        }
        if moved > 0 {
            session.waitingBytes -= moved
            delegate?.sent(moved)
        }
        return moved
    }

    // MARK: Receiving

    func arrived(_ bytes: UnsafeRawBufferPointer) {
        untaken += bytes.count
        session?.credit.arrived(bytes.count)
        delegate?.receivedData(bytes)
    }

    /// The application is done with `count` received bytes; the peer may send as many more. Wraps `nghttp2_session_consume_stream`.
    public func took(_ count: Int) {
        guard let session, count > 0 else { return }
        untaken -= count
        session.credit.taken(count)
        if !remoteEnded { nghttp2_session_consume_stream(session.handle, id, count) }
        session.returnCredit()
        session.wantsDrain()
    }

    func close(_ code: HTTP2ErrorCode, connectionLost: Bool) {
        guard let session else { return }
        session.credit.taken(untaken)
        session.returnCredit()
        session.waitingBytes -= outbound.count
        self.session = nil
        outbound.removeAll()
        let processed = code != .refusedStream && (headersSent || session.role == .server)
        delegate?.closed(code, processed: processed, connectionLost: connectionLost)
        delegate = nil
    }
}
