import Glibc

/// A name that has no address, or no answer.
struct HostLookupFailed: Error, CustomStringConvertible {
    let description: String
}

/// The system's resolver, in the one place that calls it.
enum HostLookup {
    /// The numeric addresses of `host`, in the system's order of preference (RFC 6724), each once. Blocks.
    /// Wraps `getaddrinfo` and `getnameinfo`.
    static func addresses(of host: String) throws(HostLookupFailed) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let result = getaddrinfo(host, nil, &hints, &list)
        guard result == 0 else { throw HostLookupFailed(description: "\(host): \(String(cString: gai_strerror(result)))") }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        for entry in sequence(first: list, next: { $0?.pointee.ai_next }).compactMap({ $0?.pointee }) {
            if let address = numeric(entry), !found.contains(address) { found.append(address) }
        }
        return found
    }

    private static func numeric(_ entry: addrinfo) -> String? {
        var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
        let result = getnameinfo(
            entry.ai_addr, entry.ai_addrlen, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
        guard result == 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
