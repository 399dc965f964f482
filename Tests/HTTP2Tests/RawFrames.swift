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

    mutating func settings(acknowledge: Bool = false) { frame(type: 4, flags: acknowledge ? 1 : 0) }
    /// SETTINGS_INITIAL_WINDOW_SIZE.
    mutating func settings(windowBytes: UInt32) { frame(type: 4, [0, 4] + Self.big(windowBytes)) }
    mutating func ping() { frame(type: 6, [UInt8](repeating: 1, count: 8)) }
    mutating func goAway(last: UInt32, code: UInt32 = 0) { frame(type: 7, Self.big(last) + Self.big(code)) }
    mutating func data(stream: UInt32, _ payload: [UInt8] = [], endStream: Bool = false) {
        frame(type: 0, flags: endStream ? 1 : 0, stream: stream, payload)
    }
    mutating func priority(stream: UInt32) { frame(type: 2, stream: stream, [0, 0, 0, 0, 15]) }
    mutating func reset(stream: UInt32, code: UInt32 = 8) { frame(type: 3, stream: stream, Self.big(code)) }
    mutating func windowUpdate(stream: UInt32, by: UInt32) {
        frame(type: 8, stream: stream, Self.big(by))
    }

    static func big(_ number: UInt32) -> [UInt8] { (0..<4).reversed().map { UInt8(number >> ($0 * 8) & 0xFF) } }

    /// A header field that HPACK has no index for.
    static func field(_ name: String, _ value: String) -> [UInt8] {
        [0, UInt8(name.utf8.count)] + name.utf8 + [UInt8(value.utf8.count)] + value.utf8
    }

    /// What a gRPC client sends: `:method POST`, `:scheme http`, the path, `:authority t`, content-type.
    mutating func request(stream: UInt32, path: String, more: [UInt8] = []) {
        let head = [0x83, 0x86, 0x04, UInt8(path.utf8.count)] + path.utf8 + [0x01, 0x01, 0x74]
        frame(type: 1, flags: 4, stream: stream, head + Self.field("content-type", "application/grpc") + more)
    }

    /// What a gRPC server answers: `:status 200`, content-type, a message, `grpc-status`.
    mutating func answer(stream: UInt32, _ message: [UInt8]) {
        frame(type: 1, flags: 4, stream: stream, [0x88] + Self.field("content-type", "application/grpc"))
        data(stream: stream, [0] + Self.big(UInt32(message.count)) + message)
        frame(type: 1, flags: 5, stream: stream, Self.field("grpc-status", "0"))
    }

    /// A head and trailers in one.
    mutating func answer(stream: UInt32, status: String, more: [UInt8] = []) {
        let head = [0x88] + Self.field("content-type", "application/grpc")
        frame(type: 1, flags: 5, stream: stream, head + Self.field("grpc-status", status) + more)
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
