import GRPC
import NIOCore
import NIOSSL

/// TLS for a ``GRPC/Server``.
public struct TLSServerSecurity: ServerSecurity {
    /// What is asked of clients.
    public enum Clients: Sendable {
        /// Anybody may connect.
        case anybody
        /// They show a certificate that the trust roots vouch for; who they are is ``GRPC/ServerContext/peerIdentity``.
        case certified
        /// The same, and the certificate's SPIFFE ID is accepted: others are cut off before they can call.
        case identified(@Sendable (SPIFFEID) -> Bool)
    }

    private let context: SecurityContext
    private let accepts: (@Sendable (PeerIdentity) -> Bool)?

    /// Throws ``CredentialsError`` where the credentials have no certificate, and what BoringSSL says about them.
    public init(_ credentials: Credentials, clients: Clients = .certified) throws {
        guard credentials.material.key != nil else { throw CredentialsError.serverWithoutCertificate }
        accepts = clients.accepts
        let asks = clients.areAsked
        context = try SecurityContext(credentials) { material in
            guard let key = material.key else { preconditionFailure("whether there is a key does not change") }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: material.chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.speakHTTP2()
            guard asks else { return configuration }
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = material.roots.map { .certificates($0) } ?? .default
            return configuration
        }
    }

    public func secure(_ channel: any NIOCore.Channel) throws {
        let tls = NIOSSLServerHandler(context: try context.current())
        let handlers: [any ChannelHandler] = [tls, NegotiationGuard(of: "client", accepts: accepts)]
        try channel.pipeline.syncOperations.addHandlers(handlers)
    }

    public func peerIdentity(_ channel: any NIOCore.Channel) -> PeerIdentity? { PeerIdentity(verifiedOn: channel) }
}

extension TLSServerSecurity.Clients {
    fileprivate var areAsked: Bool {
        if case .anybody = self { false } else { true }
    }

    /// What is asked of a certificate beyond the trust roots' word.
    fileprivate var accepts: (@Sendable (PeerIdentity) -> Bool)? {
        guard case .identified(let isRight) = self else { return nil }
        return { identity in identity.spiffeID.map(isRight) ?? false }
    }
}
