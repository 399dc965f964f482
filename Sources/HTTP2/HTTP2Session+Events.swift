import CNGHTTP2
import NIOCore

/// What nghttp2 reports, turned into calls of the delegates.
extension HTTP2Session {
    func beganFrame(type: UInt8) {
        if UInt32(type) == NGHTTP2_PRIORITY.rawValue { judge(guards.receivedPriority()) }
    }

    func beganHeaders(_ id: Int32, _ category: nghttp2_headers_category) {
        arriving.begin(id, isTrailers: category == NGHTTP2_HCAT_HEADERS)
        if role == .server, stream(id) == nil {
            let stream = HTTP2Stream(session: self)
            stream.id = id
            open.insert(stream, handle)
            openedStreams += 1
            guards.openedStream()
        }
    }

    /// Adds a field, unless the list has become too large: then only its size is counted on.
    func receivedField(name: OpaquePointer, value: OpaquePointer) {
        arriving.receive(name, value, bytesMax: limits.headerListBytesMax)
        if arriving.bytes > limits.headerListBytesFatal, violation == nil {
            terminate(.enhanceYourCalm, because: .fatalHeaderList)
        }
    }

    func receivedFrame(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        let endStream = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        let acknowledges = UInt32(header.flags) & NGHTTP2_FLAG_ACK.rawValue != 0
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_DATA:
            judge(guards.received(dataBytes: header.length, endStream: endStream))
            if endStream, let stream = stream(header.stream_id) {
                stream.remoteEnded = true
                stream.delegate?.receivedEnd()
            }
        case NGHTTP2_HEADERS:
            arriving.end()
            guard violation == nil, let stream = stream(header.stream_id) else { return }
            stream.remoteEnded = endStream
            let tooLarge = arriving.bytes > limits.headerListBytesMax
            if tooLarge { delegate?.passed(.headerList) }
            if role == .server, !stream.wasAccepted {
                stream.wasAccepted = true
                stream.delegate = delegate?.accepted(stream, arriving.fields, endStream: endStream, tooLarge: tooLarge)
            } else {
                stream.delegate?.receivedHeaders(arriving.fields, endStream: endStream, tooLarge: tooLarge)
            }
        case NGHTTP2_SETTINGS where !acknowledges:
            judge(guards.receivedSettings(at: NIODeadline.now().uptime))
            receivedFirstSettings = true
            let most = nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
            delegate?.receivedSettings(concurrentStreamsMax: Int(most))
        case NGHTTP2_PING where acknowledges:
            delegate?.receivedPingAck(withUnsafeBytes(of: frame.pointee.ping.opaque_data) { $0.loadUnaligned(as: UInt64.self) })
        case NGHTTP2_PING:
            judge(guards.receivedPing(at: NIODeadline.now().uptime))
        case NGHTTP2_RST_STREAM:
            judge(guards.reset(at: NIODeadline.now().uptime))
        case NGHTTP2_GOAWAY:
            judge(guards.receivedGoAway())
            let goaway = frame.pointee.goaway
            let debug = UnsafeBufferPointer(start: goaway.opaque_data, count: min(256, goaway.opaque_data_len))
            delegate?.receivedGoAway(
                lastStreamID: goaway.last_stream_id, code: HTTP2ErrorCode(rawValue: goaway.error_code),
                debugData: String(decoding: debug, as: UTF8.self))
        default: break
        }
    }

    func sentFrame(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = frame.pointee.hd
        switch nghttp2_frame_type(rawValue: UInt32(header.type)) {
        case NGHTTP2_HEADERS:
            guard let stream = stream(header.stream_id) else { return }
            stream.headersSent = true
            let endStream = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
            // A server that is done before the client: RFC 9113, section 8.1.
            if role == .server, endStream, !stream.remoteEnded { stream.reset(.noError) }
        case NGHTTP2_RST_STREAM where role == .server:
            switch HTTP2ErrorCode(rawValue: frame.pointee.rst_stream.error_code) {
            case .noError, .cancel: break
            // Streams refused for their number count as well: a peer may keep silent on our SETTINGS and open any number.
            case .refusedStream where stream(header.stream_id) == nil:
                delegate?.passed(.streams)
                judge(guards.reset(at: NIODeadline.now().uptime))
            default: judge(guards.reset(at: NIODeadline.now().uptime))
            }
        case NGHTTP2_GOAWAY where frame.pointee.goaway.error_code != HTTP2ErrorCode.noError.rawValue:
            // nghttp2's own verdict, where no count of ours came first.
            if violation == nil { violation = .protocolError }
        default: break
        }
    }

    func closedStream(_ id: Int32, _ code: HTTP2ErrorCode) {
        arriving.closed(id)
        guard let stream = stream(id) else { return }
        open.remove(stream, handle)
        stream.close(code, connectionLost: false)
    }

    /// Another `interval` has gone by in which the peer was listened to: ends a header block, or a stream's bytes, that do not
    /// move. Time is counted in calls, so that a peer does not pay for a process that was busy or stopped.
    public func tick(interval: Duration) {
        ticks += 1
        delegate?.ticked(interval)
        if let since = arriving.incompleteSince, interval * (ticks - since) > limits.headerBlockTimeout {
            arriving.end()
            terminate(.enhanceYourCalm, because: .slowHeaderBlock)
        }
        guard let stallTimeout = limits.stallTimeout else { return }
        for stream in streams where stream.waitingBytes > 0 && interval * (ticks - stream.movedAtTick) > stallTimeout {
            stream.reset(.cancel)
            delegate?.passed(.stalledStream)
        }
    }

    private func judge(_ verdict: HTTP2Violation?) {
        guard let verdict, violation == nil else { return }
        terminate(.enhanceYourCalm, because: verdict)
    }
}

extension NIODeadline {
    var uptime: UInt64 { uptimeNanoseconds }
}
