/// The name of a workload: `spiffe://trust-domain/path`. Source: SPIFFE, "The SPIFFE Identity", section 2.
public struct SPIFFEID: Sendable, Hashable, CustomStringConvertible {
    public let trustDomain: String
    /// "" or `/segment/segment`.
    public let path: String

    /// At most this long, in bytes.
    public static let bytesMax = 2_048

    /// Nil for what is no SPIFFE ID: another scheme, a port or user, capitals in the trust domain, a query, empty or dot
    /// segments, a slash at the end, percent-encoding.
    public init?(_ uri: String) {
        let scheme = "spiffe://"
        guard uri.hasPrefix(scheme), uri.utf8.count <= Self.bytesMax else { return nil }
        let rest = uri.dropFirst(scheme.count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let (domain, path) = (rest[..<slash], rest[slash...])
        guard (1...255).contains(domain.utf8.count), domain.utf8.allSatisfy({ Self.isDomainByte($0) }) else { return nil }
        guard path.isEmpty || path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).allSatisfy(Self.isSegment)
        else { return nil }
        trustDomain = String(domain)
        self.path = String(path)
    }

    public var description: String { "spiffe://\(trustDomain)\(path)" }

    private static func isSegment(_ segment: Substring) -> Bool {
        guard !segment.isEmpty, segment != ".", segment != ".." else { return false }
        return segment.utf8.allSatisfy { isDomainByte($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }

    private static func isDomainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
        default: false
        }
    }
}
