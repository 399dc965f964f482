import CZlib

/// Undoes the gzip compression of a message. RFC 1952.
enum Gzip {
    enum Failure: Error, Hashable {
        case malformed
        case tooLarge(max: Int)
    }

    /// Inflates in steps, so that a bomb costs no more than `bytesMax`. Wraps `inflateInit2`, `inflate`, `inflateEnd`.
    static func inflate(_ bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: bytes.count)
        // 15 bits of window; 16 more mean a gzip header and trailer.
        guard CZlib_inflateInit2(&stream, 15 + 16) == Z_OK else { throw .malformed }
        defer { inflateEnd(&stream) }

        var output: [UInt8] = []
        var step = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            let (code, count) = step.withUnsafeMutableBufferPointer { target in
                stream.next_out = target.baseAddress
                stream.avail_out = UInt32(target.count)
                let code = CZlib.inflate(&stream, Z_NO_FLUSH)
                return (code, target.count - Int(stream.avail_out))
            }
            output.append(contentsOf: step[..<count])
            guard output.count <= bytesMax else { throw .tooLarge(max: bytesMax) }
            switch code {
            case Z_STREAM_END where stream.avail_in == 0: return output
            case Z_OK where count > 0 || stream.avail_in > 0: continue
            default: throw .malformed
            }
        }
    }
}
