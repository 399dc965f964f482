import GRPC
import NIOCore
import NIOSSL

/// TLS for a ``GRPC/Server``.
public struct TLSServerSecurity: ServerSecurity {
    /// What is asked of clients.
    public enum Clients: Sendable, Hashable {
        /// Anybody may connect.
        case anybody
        /// They show a certificate that the trust roots vouch for; who they are is ``GRPC/ServerContext/peerIdentity``.
        case certified
    }

    private let context: SecurityContext

    /// Throws ``CredentialsError`` where the credentials have no certificate, and what BoringSSL says about them.
    public init(_ credentials: Credentials, clients: Clients = .certified) throws {
        guard credentials.material.key != nil else { throw CredentialsError.serverWithoutCertificate }
        context = try SecurityContext(credentials) { material in
            guard let key = material.key else { preconditionFailure("whether there is a key does not change") }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: material.chain.map { .certificate($0) }, privateKey: .privateKey(key))
            configuration.speakHTTP2()
            guard clients == .certified else { return configuration }
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = material.roots.map { .certificates($0) } ?? .default
            return configuration
        }
    }

    public func secure(_ channel: any NIOCore.Channel) throws {
        let handlers: [any ChannelHandler] = [NIOSSLServerHandler(context: try context.current()), NegotiationGuard()]
        try channel.pipeline.syncOperations.addHandlers(handlers)
    }

    public func peerIdentity(_ channel: any NIOCore.Channel) -> PeerIdentity? { PeerIdentity(verifiedOn: channel) }
}
