import GRPC
import NIOCore
import NIOSSL

/// TLS for a ``GRPC/Channel``.
public struct TLSChannelSecurity: ChannelSecurity {
    /// Whom a channel takes for its server. In any case a certificate that the trust roots vouch for is asked for.
    public enum Server: Sendable {
        /// The certificate is for the host that was connected to.
        case ofItsHost
        /// The certificate is for this name, whatever the address is.
        case named(String)
        /// The certificate's SPIFFE ID is accepted, whatever its host names are.
        case identified(@Sendable (SPIFFEID) -> Bool)
    }

    private let context: SecurityContext
    private let server: Server

    /// Throws what BoringSSL says about the credentials. A channel whose credentials have a certificate shows it to servers
    /// that ask for one.
    public init(_ credentials: Credentials, server: Server = .ofItsHost) throws {
        self.server = server
        var verification = CertificateVerification.fullVerification
        if case .identified = server { verification = .noHostnameVerification }
        context = try SecurityContext(credentials) { [verification] material in
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.speakHTTP2()
            configuration.certificateVerification = verification
            configuration.trustRoots = material.roots.map { .certificates($0) } ?? .default
            configuration.certificateChain = material.chain.map { .certificate($0) }
            configuration.privateKey = material.key.map { .privateKey($0) }
            return configuration
        }
    }

    public func secure(_ channel: any NIOCore.Channel, to address: ServerAddress) throws {
        let tls = try NIOSSLClientHandler(context: try context.current(), serverHostname: name(of: address))
        let handlers: [any ChannelHandler] = [tls, NegotiationGuard(of: "server", accepts: server.accepts)]
        try channel.pipeline.syncOperations.addHandlers(handlers)
    }

    /// The name that the server is asked for (SNI), which no address may be: then the certificate is held against the address.
    private func name(of address: ServerAddress) -> String? {
        if case .named(let name) = server { return name }
        let isAddress = (try? SocketAddress(ipAddress: address.host, port: 0)) != nil
        return isAddress ? nil : address.host
    }
}

extension TLSChannelSecurity.Server {
    /// What is asked of a certificate beyond what NIOSSL asks, which is content with one for the address where a name was given.
    fileprivate var accepts: (@Sendable (PeerIdentity) -> Bool)? {
        switch self {
        case .ofItsHost: nil
        case .named(let name): { identity in identity.dnsNames.contains { Self.covers($0, name) } }
        case .identified(let isRight): { identity in identity.spiffeID.map(isRight) ?? false }
        }
    }

    /// RFC 9525, section 6.3: a wildcard stands for one whole label, the first.
    private static func covers(_ pattern: String, _ name: String) -> Bool {
        let (pattern, name) = (pattern.lowercased(), name.lowercased())
        if pattern == name { return true }
        guard pattern.hasPrefix("*."), let dot = name.firstIndex(of: "."), dot > name.startIndex else { return false }
        return pattern.dropFirst() == name[dot...]
    }
}
