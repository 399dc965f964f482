/// What one connection may hold and do. Every bound that HTTP/2 leaves to us has its name here.
///
/// Two presets: ``trusted`` between our own services, ``edge`` where anybody may connect. The figures and the attacks
/// they stop: RFC 9113, section 10.5; CVE-2023-44487, CVE-2024-27316, CVE-2025-8671.
public struct HTTP2Limits: Sendable, Hashable {
    /// Streams the peer may have open at once (SETTINGS_MAX_CONCURRENT_STREAMS); further ones are refused.
    public var concurrentStreamsMax: Int = 1_000
    /// The bytes a peer may send on a stream before the application has taken some (SETTINGS_INITIAL_WINDOW_SIZE).
    public var streamWindowBytes: Int = 1 << 20
    /// The bytes a peer may send on a connection that we have not yet acknowledged.
    public var connectionWindowBytes: Int = 4 << 20
    /// Received bytes that the applications of one connection may leave untaken. At least `connectionWindowBytes`.
    public var connectionReceiveBytesMax: Int = 16 << 20
    /// Bytes that wait on one stream for the peer's window before its writer is suspended.
    public var sendBufferBytesMax: Int = 256 << 10
    /// Bytes that wait on all streams of a connection before their writers are suspended. A stream that has nothing waiting
    /// may always write one message, so that stalled streams do not stop the others.
    public var connectionSendBufferBytesMax: Int = 4 << 20
    /// The largest frame we accept (SETTINGS_MAX_FRAME_SIZE), 16,384 ... 16,777,215.
    public var frameBytesMax: Int = 16_384
    /// One header list: the sum of name + value + 32 per field (SETTINGS_MAX_HEADER_LIST_SIZE). Over it the stream is refused.
    public var headerListBytesMax: Int = 16 << 10
    /// A header list over this ends the connection.
    public var headerListBytesFatal: Int = 64 << 10
    /// Streams reset (by the peer, or by us for the peer's faults): a burst, and how many per second it refills.
    public var streamResetBurst: Int = 20_000
    public var streamResetsPerSecond: Int = 2_000
    /// CONTINUATION frames (receive calls, in fact) per header block.
    public var continuationsMax: Int = 64
    /// Entries in one SETTINGS frame.
    public var settingsEntriesMax: Int = 32
    /// Answers to PING and SETTINGS that may wait because the peer does not read.
    public var outboundAcksMax: Int = 1_000
    /// PING frames per 10 seconds in which no stream frame arrived. 0: not counted.
    public var idlePingsPer10Seconds: Int = 100
    /// SETTINGS frames per 10 seconds.
    public var settingsPer10Seconds: Int = 100
    /// DATA frames in a row that carry neither bytes nor END_STREAM.
    public var emptyDataFramesMax: Int = 100
    /// PRIORITY frames: this many, and ten more for each stream.
    public var priorityFramesMax: Int = 100
    /// GOAWAY frames on a connection: one or two say all that there is to say.
    public var goAwayFramesMax: Int = 10
    /// From the accepted socket to the peer's first SETTINGS.
    public var handshakeTimeout: Duration = .seconds(5)
    /// From the first to the last frame of a header block.
    public var headerBlockTimeout: Duration = .seconds(10)
    /// Without a stream, until the connection is closed. Nil: never.
    public var idleTimeout: Duration?
    /// How long a stream's bytes may wait for the peer's window without any progress before the stream is reset. Nil: for ever.
    public var stallTimeout: Duration?
    /// While a message is awaited, and over `bodyPaceWindow`: fewer bytes of it per second end the call. 0: not counted.
    public var bodyBytesPerSecondMin: Int = 0
    public var bodyPaceWindow: Duration = .seconds(10)

    /// Between our own services: wide, and slow peers are waited for.
    public static let trusted = HTTP2Limits()

    /// Where anybody may connect.
    public static let edge: HTTP2Limits = {
        var limits = HTTP2Limits()
        limits.concurrentStreamsMax = 100
        limits.connectionReceiveBytesMax = 4 << 20
        limits.headerListBytesMax = 8 << 10
        limits.streamResetBurst = 200
        limits.streamResetsPerSecond = 33
        limits.idlePingsPer10Seconds = 2
        limits.idleTimeout = .seconds(300)
        limits.stallTimeout = .seconds(30)
        limits.bodyBytesPerSecondMin = 100
        return limits
    }()

    public init() {}
}
