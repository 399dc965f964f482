import Crypto
import FoundationEssentials

extension UUID {
    /// An id that these bytes always give: of their SHA-256, in the form of version 8 (RFC 9562, 5.8). A repeated step makes the
    /// same request of it.
    package static func derived(from bytes: [UInt8]) -> UUID {
        let h = Array(SHA256.hash(data: bytes))
        return UUID(
            uuid: (
                h[0], h[1], h[2], h[3], h[4], h[5], h[6] & 0x0F | 0x80, h[7], h[8] & 0x3F | 0x80, h[9], h[10], h[11], h[12],
                h[13], h[14], h[15]
            ))
    }

    package static func derived(from text: String) -> UUID { derived(from: Array(text.utf8)) }
}
