/// One place where a ``Channel`` may connect.
public struct ServerAddress: Sendable, Hashable {
    /// An IP address or a name; `localhost` for a Unix socket.
    public var host: String
    /// 0 for a Unix socket.
    public var port: Int
    /// The path of a Unix socket. Nil: TCP.
    public let unixSocket: String?

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
        unixSocket = nil
    }

    /// A Unix socket by its path. Its calls carry the authority `localhost`. Source: gRPC, "Name Resolution".
    public init(unixSocket path: String) {
        host = "localhost"
        port = 0
        unixSocket = path
    }

    /// `host:port`, `[::1]:port`. Nil for anything else.
    public init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.first?.isNumber == true, let port = UInt16(digits) else { return nil }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let brackets: [UInt8] = [UInt8(ascii: "["), UInt8(ascii: "]")]
        guard !host.isEmpty, !host.utf8.contains(where: brackets.contains) else { return nil }
        self.init(host: String(host), port: Int(port))
    }

    /// What `:authority` says where nothing else is asked for.
    var authority: String {
        guard unixSocket == nil else { return host }
        return host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}
