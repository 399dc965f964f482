import CNGHTTP2
import Glibc

/// The header list that a peer is sending.
///
/// Clients send nearly the same list with each request, and what HPACK found in a table arrives as the same reference-counted
/// buffers each time. So the last list stays: a field that stands where it stood is recognised by its buffers, and neither made
/// anew nor counted. Heads and trailers, which take turns, have a list each. What is kept alive is one list of each, so at most
/// twice ``HTTP2Limits/headerListBytesMax``.
struct ArrivingHeaders: ~Copyable {
    private var head = FieldList()
    private var trailers = FieldList()
    private var isTrailers = false
    /// The sum of name + value + 32 per field, those left out included. RFC 9113, section 6.5.2.
    private(set) var bytes = 0
    /// The session's tick at which a read first left the list incomplete. Nearly all lists come whole.
    private(set) var incompleteSince: Int?
    /// The stream whose list is not whole yet.
    private var stream: Int32?

    /// The list that has come last, whole once ``end()`` was called.
    var fields: [HeaderField] { isTrailers ? trailers.fields : head.fields }

    /// Another number for each other list of a head: who has read a list need not read it again where the number is the same.
    var headVersion: Int { head.version }

    mutating func begin(_ stream: Int32, isTrailers: Bool) {
        self.isTrailers = isTrailers
        if isTrailers { trailers.begin() } else { head.begin() }
        bytes = 0
        self.stream = stream
        incompleteSince = nil
    }

    /// Adds a field, unless the list has become larger than `bytesMax`: then only its size is counted on.
    mutating func receive(_ name: OpaquePointer, _ value: OpaquePointer, bytesMax: Int) {
        bytes += nghttp2_rcbuf_get_buf(name).len + nghttp2_rcbuf_get_buf(value).len + 32
        guard bytes <= bytesMax else { return }
        if isTrailers { trailers.add(name, value) } else { head.add(name, value) }
    }

    mutating func end() {
        if isTrailers { trailers.end() } else { head.end() }
        stream = nil
        incompleteSince = nil
    }

    /// A stream that was refused while its list came gets no end.
    mutating func closed(_ stream: Int32) {
        if stream == self.stream { end() }
    }

    /// The bytes that were there have been read.
    mutating func readEnded(atTick tick: Int) {
        if stream != nil, incompleteSince == nil { incompleteSince = tick }
    }
}

/// One list over the other, in the same memory.
private struct FieldList: ~Copyable {
    private(set) var fields: [HeaderField] = []
    /// The buffers from which the fields were made, kept alive so that no other can be taken for them.
    private var buffers: [(name: OpaquePointer, value: OpaquePointer)] = []
    private var count = 0
    private(set) var version = 0

    deinit {
        for buffer in buffers { Self.release(buffer) }
    }

    mutating func begin() { count = 0 }

    mutating func add(_ name: OpaquePointer, _ value: OpaquePointer) {
        defer { count += 1 }
        if count < buffers.count {
            // What HPACK does not keep, the path for one, comes in another buffer each time.
            guard !Self.isSame(buffers[count].name, name) || !Self.isSame(buffers[count].value, value) else { return }
            version += 1
            let old = buffers[count]
            buffers[count] = Self.retained(name, value)
            fields[count] = HeaderField(Self.text(name), Self.text(value))
            Self.release(old)
        } else {
            version += 1
            buffers.append(Self.retained(name, value))
            fields.append(HeaderField(Self.text(name), Self.text(value)))
        }
    }

    /// What the last list had more is gone.
    mutating func end() {
        while buffers.count > count {
            version += 1
            Self.release(buffers.removeLast())
            fields.removeLast()
        }
    }

    /// Wraps `nghttp2_rcbuf_get_buf`.
    private static func isSame(_ a: OpaquePointer, _ b: OpaquePointer) -> Bool {
        guard a != b else { return true }
        let (a, b) = (nghttp2_rcbuf_get_buf(a), nghttp2_rcbuf_get_buf(b))
        return a.len == b.len && memcmp(a.base, b.base, a.len) == 0
    }

    /// Wraps `nghttp2_rcbuf_incref`.
    private static func retained(_ name: OpaquePointer, _ value: OpaquePointer) -> (name: OpaquePointer, value: OpaquePointer) {
        nghttp2_rcbuf_incref(name)
        nghttp2_rcbuf_incref(value)
        return (name, value)
    }

    /// Wraps `nghttp2_rcbuf_decref`.
    private static func release(_ buffer: (name: OpaquePointer, value: OpaquePointer)) {
        nghttp2_rcbuf_decref(buffer.name)
        nghttp2_rcbuf_decref(buffer.value)
    }

    /// The buffer's text; invalid UTF-8 is repaired. Wraps `nghttp2_rcbuf_get_buf`.
    private static func text(_ buffer: OpaquePointer) -> String {
        let bytes = nghttp2_rcbuf_get_buf(buffer)
        return String(decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.len), as: UTF8.self)
    }
}
