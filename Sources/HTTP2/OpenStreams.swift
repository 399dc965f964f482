import CNGHTTP2

/// The streams of one session, kept alive while they are open.
///
/// nghttp2 has a table of its own by id and keeps a pointer of ours beside each entry, so there is no second table here: a list,
/// in which each stream knows its place.
struct OpenStreams {
    private(set) var all: [HTTP2Stream] = []

    /// A stream that the peer opened. Wraps `nghttp2_session_set_stream_user_data`.
    mutating func insert(_ stream: HTTP2Stream, _ session: OpaquePointer) {
        insert(stream)
        nghttp2_session_set_stream_user_data(session, stream.id, Self.userData(stream))
    }

    /// A stream that was submitted with its ``userData(_:)``.
    mutating func insert(_ stream: HTTP2Stream) {
        stream.place = all.count
        all.append(stream)
    }

    /// The pointer that nghttp2 keeps.
    static func userData(_ stream: HTTP2Stream) -> UnsafeMutableRawPointer { Unmanaged.passUnretained(stream).toOpaque() }

    /// Nil for a stream that is not open. Wraps `nghttp2_session_get_stream_user_data`.
    static func find(_ id: Int32, _ session: OpaquePointer) -> HTTP2Stream? {
        guard let pointer = nghttp2_session_get_stream_user_data(session, id) else { return nil }
        return Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
    }

    mutating func remove(_ stream: HTTP2Stream, _ session: OpaquePointer) {
        nghttp2_session_set_stream_user_data(session, stream.id, nil)
        let last = all.removeLast()
        guard last !== stream else { return }
        last.place = stream.place
        all[stream.place] = last
    }
}
