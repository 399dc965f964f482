import NIOCore

/// What a channel puts between its sockets and HTTP/2. `GRPCTLS` has the one that is meant.
public protocol ChannelSecurity: Sendable {
    /// Adds handlers to a connection that is being made. Called on its event loop; HTTP/2's handler comes behind them.
    func secure(_ channel: any NIOCore.Channel, to address: ServerAddress) throws
}

/// What a server puts between its sockets and HTTP/2. `GRPCTLS` has the one that is meant.
public protocol ServerSecurity: Sendable {
    /// Adds handlers to an accepted connection. Called on its event loop; HTTP/2's handler comes behind them.
    func secure(_ channel: any NIOCore.Channel) throws
    /// Who the peer has proved to be, once calls come. Nil: it was not asked, or showed nothing. Called on the event loop.
    func peerIdentity(_ channel: any NIOCore.Channel) -> PeerIdentity?
}

/// What a peer's certificate, which was verified, says about it.
public struct PeerIdentity: Sendable, Hashable {
    /// The URIs among the certificate's subject alternative names.
    public var uris: [String]
    /// The DNS names among them.
    public var dnsNames: [String]

    public init(uris: [String] = [], dnsNames: [String] = []) {
        self.uris = uris
        self.dnsNames = dnsNames
    }

    /// The workload that the peer is. Nil unless the certificate has exactly one URI, and that is a SPIFFE ID.
    /// Source: SPIFFE, X509-SVID, section 2.
    public var spiffeID: SPIFFEID? {
        guard uris.count == 1 else { return nil }
        return SPIFFEID(uris[0])
    }
}
