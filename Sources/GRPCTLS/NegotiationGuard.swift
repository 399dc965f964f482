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

    private let accepts: (@Sendable (PeerIdentity) -> Bool)?

    /// What the peer is: "client" or "server".
    private let peer: String
    private var hasRefused = false

    /// `accepts` nil: the certificate was judged already, or none was asked for.
    init(of peer: String, accepts: (@Sendable (PeerIdentity) -> Bool)?) {
        self.peer = peer
        self.accepts = accepts
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted(let negotiated) = event as? TLSUserEvent {
            if let refusal = refusal(negotiated, context.channel) {
                hasRefused = true
                context.fireErrorCaught(refusal)
                return context.close(promise: nil)
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// What comes with the handshake's end, or before TLS has said goodbye, is nothing to those behind.
    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !hasRefused { context.fireChannelRead(data) }
    }

    private func refusal(_ negotiated: String?, _ channel: any NIOCore.Channel) -> Refusal? {
        guard negotiated == ALPN.http2 else { return Refusal(description: "the peer does not speak HTTP/2 over TLS") }
        guard let accepts else { return nil }
        guard let identity = PeerIdentity(verifiedOn: channel) else { return Refusal(description: "the \(peer) shows no name") }
        guard !accepts(identity) else { return nil }
        let names = identity.spiffeID.map { "\($0)" } ?? identity.dnsNames.joined(separator: ", ")
        return Refusal(description: "the \(peer) is \(names.isEmpty ? "nobody" : names)")
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
