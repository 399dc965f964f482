import CZlib

/// gzip, RFC 1952: of a call's messages, and of bodies at an HTTP edge.
package enum Gzip {
    package enum Failure: Error, Hashable {
        case malformed
        case tooLarge(max: Int)
    }

    /// 15 bits of window; 16 more mean a gzip header and trailer.
    private static let windowBits: Int32 = 15 + 16

    /// Inflates in steps, so that a bomb costs no more than `bytesMax`.
    package static func inflate(_ bytes: [UInt8], bytesMax: Int) throws(Failure) -> [UInt8] {
        let inflated = bytes.withUnsafeBytes { source in
            Result { () throws(Failure) in try inflate(source, bytesMax: bytesMax) }
        }
        return try inflated.get()
    }

    /// Inflates in steps, so that a bomb costs no more than `bytesMax`. Wraps `inflateInit2`, `inflate`, `inflateEnd`.
    static func inflate(_ bytes: UnsafeRawBufferPointer, bytesMax: Int) throws(Failure) -> [UInt8] {
        var stream = z_stream()
        stream.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.avail_in = UInt32(clamping: bytes.count)
        guard CZlib_inflateInit2(&stream, windowBits) == Z_OK else { throw .malformed }
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

    /// Compresses in one step, at a level that takes about 10 ms for 1 MiB of text. Nil where it would not be smaller, or
    /// zlib has no memory. Wraps `deflateInit2`, `deflate`, `deflateEnd`.
    package static func deflate(_ bytes: [UInt8]) -> [UInt8]? {
        var stream = z_stream()
        guard let size = UInt32(exactly: bytes.count), CZlib_deflateInit2(&stream, 4, windowBits, 8) == Z_OK else { return nil }
        defer { deflateEnd(&stream) }
        var code = Z_OK
        let deflated = [UInt8](unsafeUninitializedCapacity: bytes.count) { target, count in
            bytes.withUnsafeBytes { source in
                stream.next_in = UnsafeMutablePointer(mutating: source.bindMemory(to: UInt8.self).baseAddress)
                stream.avail_in = size
                stream.next_out = target.baseAddress
                stream.avail_out = size
                code = CZlib.deflate(&stream, Z_FINISH)
            }
            count = bytes.count - Int(stream.avail_out)
        }
        // Z_OK: the output is full, and there is more.
        return code == Z_STREAM_END ? deflated : nil
    }
}
