/// An address of the Internet, as its bytes.
struct IPAddress: Sendable, Hashable {
    /// 4 or 16.
    let bytes: [UInt8]

    /// The one strict spelling of IPv4 (four decimal numbers without leading zeros), or any of IPv6 (RFC 4291, 2.2) without a
    /// zone.
    init?(_ text: some StringProtocol) {
        guard let bytes = text.utf8.contains(UInt8(ascii: ":")) ? Self.six(String(text)) : Self.four(String(text)) else {
            return nil
        }
        self.bytes = bytes
    }

    private static func four(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        let bytes = parts.compactMap { part in
            part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } && (part == "0" || part.first != "0")
                ? UInt8(part) : nil
        }
        return bytes.count == 4 ? bytes : nil
    }

    private static func six(_ text: String) -> [UInt8]? {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, let head = groups(halves[0]) else { return nil }
        guard halves.count == 2 else { return head.count == 16 ? head : nil }
        guard let tail = groups(halves[1]), head.count + tail.count <= 14 else { return nil }
        return head + Array(repeating: 0, count: 16 - head.count - tail.count) + tail
    }

    private static func groups(_ text: Substring) -> [UInt8]? {
        guard !text.isEmpty else { return [] }
        var bytes: [UInt8] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if index == parts.count - 1, part.utf8.contains(UInt8(ascii: ".")) {
                guard let last = four(String(part)) else { return nil }
                bytes += last
            } else {
                guard (1...4).contains(part.utf8.count), part.allSatisfy({ $0.isASCII && $0.isHexDigit }),
                    let group = UInt16(part, radix: 16)
                else { return nil }
                bytes += [UInt8(group >> 8), UInt8(group & 0xFF)]
            }
        }
        return bytes
    }
}

extension IPAddress {
    /// The same host only.
    var isLoopback: Bool {
        bytes.count == 4 ? bytes[0] == 127 : bytes == Array(repeating: 0, count: 15) + [1]
    }

    /// Anybody's: neither private, local, reserved, for documentation or tests, to many, nor another one in disguise (IANA's
    /// special-purpose registries, RFC 6890). Of IPv6 only what is given out (2000::/3).
    var isPublic: Bool {
        bytes.count == 4
            ? !Self.specialFour.contains { isWithin($0.prefix, $0.bits) }
            : isWithin([0x20], 3) && !Self.specialSix.contains { isWithin($0.prefix, $0.bits) }
    }

    private func isWithin(_ prefix: [UInt8], _ bits: Int) -> Bool {
        for index in 0..<(bits + 7) / 8 {
            let wanted = index < prefix.count ? prefix[index] : 0
            let left = min(8, bits - 8 * index)
            let mask = UInt8(truncatingIfNeeded: 0xFF00 >> left)
            guard bytes[index] & mask == wanted & mask else { return false }
        }
        return true
    }

    private static let specialFour: [(prefix: [UInt8], bits: Int)] = [
        ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
        ([192, 0, 2], 24),
        ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24), ([203, 0, 113], 24), ([224], 4),
        ([240], 4),
    ]
    private static let specialSix: [(prefix: [UInt8], bits: Int)] = [
        // Teredo and the rest of the protocol assignments, documentation, 6to4.
        ([0x20, 0x01, 0x00], 23), ([0x20, 0x01, 0x0D, 0xB8], 32), ([0x20, 0x02], 16), ([0x3F, 0xFF, 0x00], 20),
    ]
}
