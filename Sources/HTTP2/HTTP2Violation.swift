/// A bound that a peer passed, by the name under which metrics and logs know it; where the connection ends, GOAWAY's debug
/// data says it too.
public enum HTTP2Violation: String, Sendable, Hashable, CaseIterable {
    // These end the connection.
    case pings = "too_many_pings"
    case settings = "too_many_settings"
    case emptyData = "too_many_empty_data_frames"
    case priority = "too_many_priority_frames"
    case goAways = "too_many_goaways"
    case resets = "too_many_resets"
    case continuations = "too_many_continuations"
    case unreadAnswers = "too_many_unread_answers"
    case fatalHeaderList = "header_list_too_large"
    case slowHeaderBlock = "header_block_too_slow"
    case slowHandshake = "handshake_too_slow"
    case notHTTP2 = "not_http2"
    /// Frames, headers or flow control against RFC 9113, as nghttp2 judges them.
    case protocolError = "protocol_error"

    // These end one stream.
    /// Refused for its number, which says that the peer does not heed ours, or has not heard of it yet.
    case streams = "too_many_streams"
    case headerList = "metadata_too_large"
    case stalledStream = "stream_stalled"
}
