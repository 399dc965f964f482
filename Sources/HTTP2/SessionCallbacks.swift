import CNGHTTP2

/// nghttp2's callbacks: each finds its session and passes on what happened.
enum SessionCallbacks {
    /// Wraps `nghttp2_session_callbacks_new` and the `nghttp2_session_callbacks_set` functions.
    static func new() -> OpaquePointer? {
        var callbacks: OpaquePointer?
        precondition(nghttp2_session_callbacks_new(&callbacks) == 0, "out of memory")
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
            guard let header else { return 0 }
            withSession(user) { $0.beganFrame(type: header.pointee.type) }
            return 0
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, user in
            guard let frame else { return 0 }
            withSession(user) { $0.beganHeaders(frame.pointee.hd.stream_id, frame.pointee.headers.cat) }
            return 0
        }
        nghttp2_session_callbacks_set_on_header_callback2(callbacks) { _, _, name, value, _, user in
            guard let name, let value else { return 0 }
            withSession(user) { $0.receivedField(name: name, value: value) }
            return 0
        }
        nghttp2_session_callbacks_set_on_invalid_header_callback2(callbacks) { _, _, _, value, _, _ in
            // A field that is merely wrong (blanks around its value) is left out; one that could pass for two is an attack.
            isOneLine(value) ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, id, bytes, count, user in
            withSession(user) { $0.stream(id)?.arrived(UnsafeRawBufferPointer(start: bytes, count: count)) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, user in
            guard let frame else { return 0 }
            withSession(user) { $0.receivedFrame(frame) }
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, user in
            guard let frame else { return 0 }
            withSession(user) { $0.sentFrame(frame) }
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, user in
            withSession(user) { $0.closedStream(id, HTTP2ErrorCode(rawValue: code)) }
            return 0
        }
        return callbacks
    }

    /// nghttp2 asks a stream for its body.
    static let readBody: nghttp2_data_source_read_callback = { _, _, target, capacity, flags, source, _ in
        guard let target, let flags, let pointer = source?.pointee.ptr else { return 0 }
        return Unmanaged<HTTP2Stream>.fromOpaque(pointer)._withUnsafeGuaranteedRef {
            $0.read(into: target, capacity: capacity, flags: flags)
        }
    }
}

/// No control characters but TAB. RFC 9113, section 8.2.1.
private func isOneLine(_ value: OpaquePointer?) -> Bool {
    guard let value else { return true }
    let bytes = nghttp2_rcbuf_get_buf(value)
    return UnsafeBufferPointer(start: bytes.base, count: bytes.len).allSatisfy { $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }
}

/// The session that `user` points to. Its owner is inside `receive` or `drain`, so nobody need count one more reference.
private func withSession(_ user: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Void) {
    guard let user else { preconditionFailure("nghttp2 lost the session's user data") }
    Unmanaged<HTTP2Session>.fromOpaque(user)._withUnsafeGuaranteedRef(body)
}
