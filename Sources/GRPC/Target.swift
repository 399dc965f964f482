/// Whom a ``Channel`` talks to. Source: gRPC, "Name Resolution".
public enum Target: Sendable {
    /// These addresses, as they are.
    case addresses([ServerAddress])
    /// What a resolver says, again and again.
    case resolved(any NameResolver)

    /// A name that DNS resolves when the channel first connects, after connections failed, and at an interval.
    public static func dns(host: String, port: Int) -> Target { .resolved(DNSResolver(host: host, port: port)) }

    /// `dns:name:port` and `dns:///name:port`, `ipv4:1.2.3.4:5,…`, `ipv6:[::1]:5,…`, `unix:path` and `unix:///path`.
    /// Nil for anything else, DNS servers of one's own (`dns://server/name`) among them.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "dns":
            let name = rest.hasPrefix("///") ? rest.dropFirst(3) : rest
            guard !name.contains("/"), let address = ServerAddress(String(name)) else { return nil }
            self = .dns(host: address.host, port: address.port)
        case "ipv4", "ipv6":
            let addresses = rest.split(separator: ",", omittingEmptySubsequences: false).map { ServerAddress(String($0)) }
            guard !addresses.contains(nil) else { return nil }
            self = .addresses(addresses.compactMap { $0 })
        case "unix":
            let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
            guard !path.isEmpty, path != "/" else { return nil }
            self = .addresses([ServerAddress(unixSocket: String(path))])
        default: return nil
        }
    }
}
