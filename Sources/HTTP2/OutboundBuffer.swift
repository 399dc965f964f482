/// The bytes of one stream that wait for nghttp2 to take them.
struct OutboundBuffer {
    private var bytes: [UInt8] = []
    private var head = 0

    var count: Int { bytes.count - head }

    /// Takes the array over without a copy where nothing else waits.
    mutating func append(_ more: [UInt8]) {
        if count == 0 {
            bytes = more
            head = 0
        } else {
            bytes.append(contentsOf: more)
        }
    }

    /// Moves at most `capacity` bytes to `target`.
    mutating func read(into target: UnsafeMutablePointer<UInt8>, capacity: Int) -> Int {
        let moved = min(capacity, count)
        bytes.withUnsafeBufferPointer { source in
            guard moved > 0, let base = source.baseAddress else { return }
            target.update(from: base + head, count: moved)
        }
        head += moved
        if head == bytes.count {
            bytes = []
            head = 0
        } else if head > 64 << 10, head > bytes.count / 2 {
            bytes.removeSubrange(..<head)
            head = 0
        }
        return moved
    }

    mutating func removeAll() {
        bytes = []
        head = 0
    }
}
