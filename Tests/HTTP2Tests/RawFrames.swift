import NIOCore

/// HTTP/2 frames written by hand, for peers that do not behave. RFC 9113, section 4.1.
struct RawFrames {
    var bytes: [UInt8] = []

    /// A client's preface and an empty SETTINGS frame.
    static var preface: RawFrames {
        var frames = RawFrames(bytes: Array("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8))
        frames.settings()
        return frames
    }

    var buffer: ByteBuffer { ByteBuffer(bytes: bytes) }

    mutating func frame(type: UInt8, flags: UInt8 = 0, stream: UInt32 = 0, _ payload: [UInt8] = []) {
        let length = UInt32(payload.count)
        bytes += [UInt8(length >> 16 & 0xFF), UInt8(length >> 8 & 0xFF), UInt8(length & 0xFF), type, flags]
        bytes += (0..<4).reversed().map { UInt8(stream >> ($0 * 8) & 0xFF) }
        bytes += payload
    }

    mutating func settings() { frame(type: 4) }
    mutating func ping() { frame(type: 6, [UInt8](repeating: 1, count: 8)) }
    mutating func data(stream: UInt32, _ payload: [UInt8] = []) { frame(type: 0, stream: stream, payload) }
    mutating func priority(stream: UInt32) { frame(type: 2, stream: stream, [0, 0, 0, 0, 15]) }
    mutating func reset(stream: UInt32) { frame(type: 3, stream: stream, [0, 0, 0, 8]) }
    mutating func windowUpdate(stream: UInt32, by: UInt32) {
        frame(type: 8, stream: stream, (0..<4).reversed().map { UInt8(by >> ($0 * 8) & 0xFF) })
    }

    /// `:method POST`, `:scheme http`, `:path /` from HPACK's static table, `:authority t`; then `more`.
    static let head: [UInt8] = [0x83, 0x86, 0x84, 0x41, 0x01, 0x74]

    mutating func headers(stream: UInt32, more: [UInt8] = [], endHeaders: Bool = true) {
        frame(type: 1, flags: endHeaders ? 4 : 0, stream: stream, Self.head + more)
    }

    mutating func continuation(stream: UInt32, _ payload: [UInt8] = [], endHeaders: Bool = false) {
        frame(type: 9, flags: endHeaders ? 4 : 0, stream: stream, payload)
    }
}
