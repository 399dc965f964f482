import GRPC
import NIOCore
import NIOSSL
import NIOTLS

/// Closes a connection whose handshake ended otherwise than gRPC needs it.
final class NegotiationGuard: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    /// Why the connection is closed.
    struct Refusal: Error, CustomStringConvertible {
        let description: String
    }

    private let accepts: (@Sendable (SPIFFEID) -> Bool)?

    /// `accepts` nil: the certificate was judged already.
    init(accepts: (@Sendable (SPIFFEID) -> Bool)? = nil) { self.accepts = accepts }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            if let refusal = refusal(negotiated, context.channel) {
                context.fireErrorCaught(refusal)
                return context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func refusal(_ negotiated: String?, _ channel: any NIOCore.Channel) -> Refusal? {
        guard negotiated == ALPN.http2 else { return Refusal(description: "the peer does not speak HTTP/2 over TLS") }
        guard let accepts else { return nil }
        guard let id = PeerIdentity(verifiedOn: channel)?.spiffeID else {
            return Refusal(description: "the server shows no SPIFFE ID")
        }
        return accepts(id) ? nil : Refusal(description: "the server is \(id)")
    }
}

extension PeerIdentity {
    /// What the certificate says that the peer has shown and that was verified.
    init?(verifiedOn channel: any NIOCore.Channel) {
        guard let certificate = try? channel.pipeline.syncOperations.nioSSL_peerCertificate() else { return nil }
        self.init()
        for name in certificate._subjectAlternativeNames() {
            let text = String(decoding: name.contents, as: UTF8.self)
            switch name.nameType {
            case .uri: uris.append(text)
            case .dnsName: dnsNames.append(text)
            default: break
            }
        }
    }
}
