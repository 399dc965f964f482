import CNGHTTP2

/// Makes strings of received header names and values.
///
/// Fields that HPACK found in a table arrive as the same reference-counted buffer each time, so on a connection that
/// repeats its headers nearly every string is found here and none is made. One slot per hash, longest entry 512 bytes:
/// at most 64 x 512 bytes per connection are kept alive.
struct HeaderStringCache: ~Copyable {
    private struct Slot {
        var buffer: OpaquePointer?
        var string = ""
    }

    private static let slotCount = 64
    private static let cachedBytesMax = 512
    private var slots = [Slot](repeating: Slot(), count: slotCount)

    deinit {
        for slot in slots {
            if let buffer = slot.buffer { nghttp2_rcbuf_decref(buffer) }
        }
    }

    /// The buffer's text; invalid UTF-8 is repaired. Wraps `nghttp2_rcbuf_get_buf`.
    mutating func string(_ buffer: OpaquePointer) -> String {
        let index = (Int(bitPattern: buffer) >> 4) % Self.slotCount
        if slots[index].buffer == buffer { return slots[index].string }
        let bytes = nghttp2_rcbuf_get_buf(buffer)
        let string = String(decoding: UnsafeBufferPointer(start: bytes.base, count: bytes.len), as: UTF8.self)
        // Short strings need no memory of their own, so there is nothing to save.
        if bytes.len > 15, bytes.len <= Self.cachedBytesMax {
            nghttp2_rcbuf_incref(buffer)
            if let old = slots[index].buffer { nghttp2_rcbuf_decref(old) }
            slots[index] = Slot(buffer: buffer, string: string)
        }
        return string
    }
}
