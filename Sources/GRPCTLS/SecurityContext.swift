import NIOSSL
import Synchronization

/// BoringSSL's context for the credentials as they are, made again when those change.
final class SecurityContext: Sendable {
    private let credentials: Credentials
    private let configure: @Sendable (Credentials.Material) -> TLSConfiguration
    private let made: Mutex<(version: Int, context: NIOSSLContext)>

    init(_ credentials: Credentials, _ configure: @escaping @Sendable (Credentials.Material) -> TLSConfiguration) throws {
        self.credentials = credentials
        self.configure = configure
        let material = credentials.material
        made = Mutex((material.version, try NIOSSLContext(configuration: configure(material))))
    }

    func current() throws -> NIOSSLContext {
        let material = credentials.material
        return try made.withLock { made in
            if made.version != material.version {
                made = (material.version, try NIOSSLContext(configuration: configure(material)))
            }
            return made.context
        }
    }
}

extension TLSConfiguration {
    /// What both sides have in common: TLS 1.2 at least, and HTTP/2 by ALPN. RFC 9113, section 3.2.
    mutating func speakHTTP2() {
        minimumTLSVersion = .tlsv12
        applicationProtocols = [ALPN.http2]
    }
}

enum ALPN {
    static let http2 = "h2"
}
