import FoundationEssentials
import WallTime

extension UUID {
    /// A version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, then randomness.
    package static func v7(at instant: Instant) -> UUID {
        var generator = SystemRandomNumberGenerator()
        let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
        let random = generator.next() & 0x0FFF
        let high = UInt64(bitPattern: max(0, instant.milliseconds)) << 16 | 0x7000 | random
        let h = high.bigEndianBytes
        let l = low.bigEndianBytes
        return UUID(uuid: (h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7]))
    }
}

extension UInt64 {
    fileprivate var bigEndianBytes: [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: self >> (56 - 8 * $0)) } }
}
