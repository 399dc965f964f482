import CNGHTTP2
import NIOCore

/// What the owner of a session learns. Called on the thread that drives the session, from inside
/// ``HTTP2Session/receive(_:)`` or ``HTTP2Session/drain(into:bytesMax:)``: implementations may submit and write, but
/// must not receive or drain.
public protocol HTTP2SessionDelegate: AnyObject {
    /// The peer opened a stream with this header list (servers only). Returns who handles it; nil when it was answered or
    /// reset at once. `tooLarge` when fields were left out because the list passed ``HTTP2Limits/headerListBytesMax``.
    func accepted(
        _ stream: HTTP2Stream, _ fields: [HeaderField], endStream: Bool, tooLarge: Bool
    ) -> (any HTTP2StreamDelegate)?
    /// The peer's SETTINGS arrived; `concurrentStreamsMax` is what it allows us.
    func receivedSettings(concurrentStreamsMax: Int)
    /// The peer takes no further streams; those above `lastStreamID` were not processed.
    func receivedGoAway(lastStreamID: Int32, code: HTTP2ErrorCode, debugData: String)
    /// The answer to ``HTTP2Session/ping(_:)``.
    func receivedPingAck(_ payload: UInt64)
    /// A stream passed a bound and is refused or reset for it; the connection goes on.
    func passed(_ limit: HTTP2Violation)
    /// More (or no longer more) than ``HTTP2Limits/connectionSendBufferBytesMax`` waits for the peer.
    func sendBuffer(isFull: Bool)
    /// A second or so has gone by: see ``HTTP2Session/tick(interval:)``.
    func ticked(_ interval: Duration)
}

/// One HTTP/2 connection without its socket: bytes in, bytes out, events to the delegates.
///
/// Not thread-safe; everything happens on the thread that owns it. Wraps `nghttp2_session`.
public final class HTTP2Session {
    public enum Role: Sendable { case client, server }

    public let role: Role
    public let limits: HTTP2Limits
    @exclusivity(unchecked) public private(set) var delegate: (any HTTP2SessionDelegate)?
    /// Called when there is something to send outside of ``receive(_:)``.
    @exclusivity(unchecked) public var onWantsDrain: (() -> Void)?
    /// The open streams, in no order.
    public var streams: [HTTP2Stream] { open.all }
    // What every frame touches is not checked for overlapping access: one thread does it, never from inside itself.
    @exclusivity(unchecked) var open = OpenStreams()
    /// What ended the connection from our side, where a bound was passed.
    @exclusivity(unchecked) public internal(set) var violation: HTTP2Violation?

    let handle: OpaquePointer
    @exclusivity(unchecked) var guards: FloodGuard
    @exclusivity(unchecked) var credit: ReceiveCredit
    /// Bytes that wait on all streams for the peer's windows.
    @exclusivity(unchecked) public internal(set) var waitingBytes = 0 {
        didSet {
            let isFull = waitingBytes > limits.connectionSendBufferBytesMax
            if isFull != (oldValue > limits.connectionSendBufferBytesMax) { delegate?.sendBuffer(isFull: isFull) }
        }
    }
    /// Streams opened so far, by either side.
    @exclusivity(unchecked) var openedStreams = 0
    /// The header list that is arriving: one at a time on a connection.
    @exclusivity(unchecked) var arriving = ArrivingHeaders()
    /// The same number as long as the heads that arrive are the same, field by field.
    public var headVersion: Int { arriving.headVersion }
    var receivedFirstSettings = false
    @exclusivity(unchecked) private var isReceiving = false
    /// Counts calls of ``tick(interval:)``; streams remember when they last moved.
    var ticks = 0

    public init(role: Role, limits: HTTP2Limits, delegate: any HTTP2SessionDelegate) {
        self.role = role
        self.limits = limits
        self.delegate = delegate
        guards = FloodGuard(limits)
        credit = ReceiveCredit(windowBytes: limits.connectionWindowBytes, bytesMax: limits.connectionReceiveBytesMax)
        handle = SessionOptions.newSession(role: role, limits: limits)
        nghttp2_session_set_user_data(handle, Unmanaged.passUnretained(self).toOpaque())
        SessionOptions.submitSettings(handle, role: role, limits: limits)
    }

    deinit { nghttp2_session_del(handle) }

    /// Takes bytes from the peer. Throws when the connection cannot go on. Wraps `nghttp2_session_mem_recv`.
    public func receive(_ buffer: ByteBuffer) throws(HTTP2ConnectionError) {
        isReceiving = true
        let taken = buffer.withUnsafeReadableBytes { bytes in
            nghttp2_session_mem_recv(handle, bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count)
        }
        isReceiving = false
        guard taken >= 0 else { throw failed(Int32(clamping: taken)) }
        arriving.readEnded(atTick: ticks)
        returnCredit()
    }

    /// What nghttp2 gave up with.
    private func failed(_ code: Int32) -> HTTP2ConnectionError {
        if violation == nil {
            violation =
                switch nghttp2_error(rawValue: code) {
                case NGHTTP2_ERR_BAD_CLIENT_MAGIC: .notHTTP2
                case NGHTTP2_ERR_FLOODED: .unreadAnswers
                case NGHTTP2_ERR_TOO_MANY_CONTINUATIONS: .continuations
                default: .protocolError
                }
        }
        return HTTP2ConnectionError(String(cString: nghttp2_strerror(code)))
    }

    /// Appends what the peer shall get to `buffer`, until nothing is left or more than `bytesMax` stand in it. True when
    /// something is left. Wraps `nghttp2_session_mem_send`.
    public func drain(into buffer: inout ByteBuffer, bytesMax: Int = .max) throws(HTTP2ConnectionError) -> Bool {
        while buffer.readableBytes < bytesMax {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(handle, &bytes)
            guard count >= 0 else { throw HTTP2ConnectionError(String(cString: nghttp2_strerror(Int32(clamping: count)))) }
            guard count > 0 else { return false }
            buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        return true
    }

    /// True while the connection serves a purpose: bytes to send, or to be expected.
    /// Wraps `nghttp2_session_want_read`, `nghttp2_session_want_write`.
    public var isAlive: Bool { nghttp2_session_want_read(handle) != 0 || nghttp2_session_want_write(handle) != 0 }

    /// Opens a stream (clients only). Throws when the connection takes no more. Beyond the peer's limit of concurrent
    /// streams the request waits inside nghttp2. Wraps `nghttp2_submit_request`.
    public func request(
        _ head: HeaderBlock, hasBody: Bool, delegate: any HTTP2StreamDelegate
    ) throws(HTTP2ConnectionError) -> HTTP2Stream {
        let stream = HTTP2Stream(session: self, delegate: delegate)
        let id = head.withNV { nv, count in
            stream.withProvider(hasBody) { nghttp2_submit_request(handle, nil, nv, count, $0, OpenStreams.userData(stream)) }
        }
        guard id > 0 else { throw HTTP2ConnectionError(String(cString: nghttp2_strerror(id))) }
        stream.id = id
        open.insert(stream)
        openedStreams += 1
        wantsDrain()
        return stream
    }

    /// Announces that no stream will be taken soon, while those under way still are. Wraps `nghttp2_submit_shutdown_notice`.
    public func submitShutdownNotice() {
        nghttp2_submit_shutdown_notice(handle)
        wantsDrain()
    }

    /// Takes no further stream. Wraps `nghttp2_submit_goaway`.
    public func submitGoAway(_ code: HTTP2ErrorCode = .noError) {
        let last = role == .server ? nghttp2_session_get_last_proc_stream_id(handle) : 0
        nghttp2_submit_goaway(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, nil, 0)
        wantsDrain()
    }

    /// Sends GOAWAY and ends the connection once that is out. Wraps `nghttp2_submit_goaway`, `nghttp2_session_terminate_session`.
    public func terminate(_ code: HTTP2ErrorCode, because reason: HTTP2Violation? = nil) {
        if let reason, violation == nil {
            violation = reason
            let debug = Array(reason.rawValue.utf8)
            let last = nghttp2_session_get_last_proc_stream_id(handle)
            nghttp2_submit_goaway(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, code.rawValue, debug, debug.count)
        }
        nghttp2_session_terminate_session(handle, code.rawValue)
        wantsDrain()
    }

    /// Sends PING with eight bytes of ours. Wraps `nghttp2_submit_ping`.
    public func ping(_ payload: UInt64) {
        withUnsafeBytes(of: payload) { bytes in
            _ = nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), bytes.bindMemory(to: UInt8.self).baseAddress)
        }
        wantsDrain()
    }

    /// The connection is gone: every open stream learns it, and the delegate is let go.
    public func connectionLost() {
        for stream in open.all {
            open.remove(stream, handle)
            stream.close(.internalError, connectionLost: true)
        }
        delegate = nil
        onWantsDrain = nil
    }

    func stream(_ id: Int32) -> HTTP2Stream? { OpenStreams.find(id, handle) }

    /// Whoever receives drains afterwards anyway.
    func wantsDrain() {
        if !isReceiving { onWantsDrain?() }
    }

    /// Gives window back to the peer. Wraps `nghttp2_session_consume_connection`.
    func returnCredit() {
        // Once per read is enough.
        guard !isReceiving else { return }
        let grant = credit.release()
        if grant > 0 { nghttp2_session_consume_connection(handle, grant) }
    }
}
