import CNGHTTP2

/// How a session is set up: nghttp2's own defences at their named values, and our SETTINGS.
enum SessionOptions {
    /// Wraps `nghttp2_session_server_new2`, `nghttp2_session_client_new2` and the `nghttp2_option_set` functions. They
    /// fail only when there is no memory.
    static func newSession(role: HTTP2Session.Role, limits: HTTP2Limits) -> OpaquePointer {
        var option: OpaquePointer?
        precondition(nghttp2_option_new(&option) == 0, "out of memory")
        defer { nghttp2_option_del(option) }
        nghttp2_option_set_no_auto_window_update(option, 1)
        nghttp2_option_set_no_closed_streams(option, 1)
        // Above our own count (FloodGuard), which names its reason; this one only stands behind it.
        nghttp2_option_set_stream_reset_rate_limit(
            option, UInt64(limits.streamResetBurst) * 2, UInt64(limits.streamResetsPerSecond) * 2)
        nghttp2_option_set_max_continuations(option, limits.continuationsMax)
        nghttp2_option_set_max_settings(option, limits.settingsEntriesMax)
        nghttp2_option_set_max_outbound_ack(option, limits.outboundAcksMax)
        nghttp2_option_set_max_send_header_block_length(option, limits.headerListBytesFatal)

        let callbacks = SessionCallbacks.new()
        defer { nghttp2_session_callbacks_del(callbacks) }
        var session: OpaquePointer?
        let result =
            switch role {
            case .server: nghttp2_session_server_new2(&session, callbacks, nil, option)
            case .client: nghttp2_session_client_new2(&session, callbacks, nil, option)
            }
        guard result == 0, let session else { preconditionFailure("out of memory") }
        return session
    }

    /// Wraps `nghttp2_submit_settings`, `nghttp2_session_set_local_window_size`.
    static func submitSettings(_ session: OpaquePointer, role: HTTP2Session.Role, limits: HTTP2Limits) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(bitPattern: id.rawValue), value: UInt32(clamping: value))
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, limits.streamWindowBytes),
            entry(NGHTTP2_SETTINGS_MAX_FRAME_SIZE, limits.frameBytesMax),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, limits.headerListBytesMax),
        ]
        switch role {
        case .server: entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, limits.concurrentStreamsMax))
        case .client: entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0))
        }
        nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        nghttp2_session_set_local_window_size(
            session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(clamping: limits.connectionWindowBytes))
    }
}
