/// A place that events may be sent to, in a form that every parser reads alike: what two parsers could read differently is
/// refused (RELIABILITY 2.3). Whether its host leads to a public address is seen when it is resolved.
struct WebhookURL: Sendable, Hashable {
    static let lengthMax = 2_000

    /// Lower case, without a closing dot; an IPv6 address without brackets.
    let host: String
    let port: Int
    let isTLS: Bool
    /// Path and query, beginning with a slash.
    let target: String

    enum Problem: String, Error, Sendable, Hashable {
        case malformed = "is no URL that everybody reads alike"
        case scheme = "is neither http nor https"
        case userInfo = "names a user"
        case host = "has no host that may be called"
        case port = "has no port from 1 to 65535"
    }

    /// - Parameter allowsLoopback: this host may be called, too: for local use and tests.
    init(_ text: String, allowsLoopback: Bool = false) throws(Problem) {
        guard (1...Self.lengthMax).contains(text.utf8.count), text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            !text.utf8.contains(UInt8(ascii: "\\")), !text.utf8.contains(UInt8(ascii: "#")),
            let colon = text.firstRange(of: "://")
        else { throw .malformed }
        switch text[..<colon.lowerBound].lowercased() {
        case "https": isTLS = true
        case "http": isTLS = false
        default: throw .scheme
        }
        let rest = text[colon.upperBound...]
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let authority = rest[..<end]
        target = rest[end...].hasPrefix("/") ? String(rest[end...]) : "/" + rest[end...]
        guard !authority.contains("@") else { throw .userInfo }
        let (host, port) = try Self.split(authority)
        self.host = try Self.host(host, allowsLoopback: allowsLoopback)
        switch port {
        case nil: self.port = isTLS ? 443 : 80
        case let text?:
            guard text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), let number = UInt16(text),
                number > 0
            else { throw .port }
            self.port = Int(number)
        }
    }

    /// As it is given to the client: nothing but what was read here.
    var text: String {
        let host = host.contains(":") ? "[\(host)]" : host
        return "\(isTLS ? "https" : "http")://\(host):\(port)\(target)"
    }

    private static func split(_ authority: Substring) throws(Problem) -> (host: Substring, port: Substring?) {
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { throw .malformed }
            let after = authority[authority.index(after: close)...]
            guard after.isEmpty || after.hasPrefix(":") else { throw .malformed }
            return (authority[...close], after.isEmpty ? nil : after.dropFirst())
        }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2 else { throw .malformed }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }

    private static func host(_ text: Substring, allowsLoopback: Bool) throws(Problem) -> String {
        func permitted(_ address: IPAddress) -> Bool { address.isPublic || (allowsLoopback && address.isLoopback) }
        if text.hasPrefix("[") {
            let inner = text.dropFirst().dropLast()
            guard inner.contains(":"), let address = IPAddress(inner), permitted(address) else { throw .host }
            return inner.lowercased()
        }
        var host = text.lowercased()
        if host.hasSuffix(".") { host.removeLast() }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        guard host.utf8.count <= 253, labels.allSatisfy(isLabel), let last = labels.last else { throw .host }
        // A last label that could be a number makes the whole an address of IPv4 to some parsers: 127.1, 2130706433, 0x7f.1.
        if last.first?.isNumber == true || last.hasPrefix("0x") {
            guard let address = IPAddress(host), permitted(address) else { throw .host }
            return host
        }
        if last == "localhost", !allowsLoopback { throw .host }
        return host
    }

    private static func isLabel(_ label: Substring) -> Bool {
        (1...63).contains(label.utf8.count) && label.first != "-" && label.last != "-"
            && label.utf8.allSatisfy {
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
    }
}
